internal import Addressing
internal import Configuration
internal import Exposition
internal import Inventory
internal import Probing

/// What Prometheus is told of the daemon itself; no address stands in a label.
struct DaemonMetrics: Sendable {
  let jobs: [JobState]
  let counts: [String: JobCounts]
  let refusals: Refusals
  let reloads: Reloads
  let isStoreFaulty: Bool
  let isWebFaulty: Bool
  let start: WallTime
  let inFlight: Int
  let sent: Sent

  var families: [MetricFamily] {
    [build] + JobMetrics(of: jobs, counts, refusals).families + ownMetrics + ProcessMetrics.families(start: start)
  }

  private var build: MetricFamily {
    var family = MetricFamily("subnet_sd_build_info", .gauge, "The version; always 1.")
    family.add(1, [("version", version)])
    return family
  }

  private var ownMetrics: [MetricFamily] {
    var total = MetricFamily(
      "subnet_sd_config_reloads_total", .counter, "How often the configuration was to be reloaded, by what came of it.")
    total.add(Double(reloads.applied), [("result", "applied")])
    total.add(Double(reloads.refused), [("result", "refused")])
    var packets = MetricFamily(
      "subnet_sd_sent_total", .counter, "What was sent to endpoints: attempts to connect, SYNs by themselves, requests."
    )
    for (kind, count) in [("connection", sent.connections), ("syn", sent.syns), ("request", sent.requests)] {
      packets.add(Double(count), [("kind", kind)])
    }
    return [
      total, packets,
      MetricFamily(
        "subnet_sd_config_last_reload_successful", .gauge,
        "Whether the configuration on the disk was good when last read.",
        reloads.isLastGood ? 1 : 0),
      MetricFamily(
        "subnet_sd_config_last_reload_success_timestamp_seconds", .gauge,
        "When a configuration was last taken over, in seconds since 1970.", (reloads.lastApplied ?? start).seconds),
      MetricFamily(
        "subnet_sd_inventory_store_fault", .gauge, "Whether the inventory cannot be stored now.",
        isStoreFaulty ? 1 : 0),
      MetricFamily(
        "subnet_sd_web_fault", .gauge,
        "Whether HTTP is not answered where it is configured, or the web config file cannot be used as it is now.",
        isWebFaulty ? 1 : 0),
      MetricFamily(
        "subnet_sd_connections_in_flight", .gauge, "Connections that are being opened or are open, to endpoints.",
        Double(inFlight)),
    ]
  }
}

/// What has become of wishes to reload.
struct Reloads: Hashable, Sendable {
  var applied = 0
  var refused = 0
  var isLastGood = true
  var lastApplied: WallTime?
}

extension WallTime {
  fileprivate var seconds: Double { Double(milliseconds) / 1_000 }
}

/// The families that have a value for each job.
private struct JobMetrics {
  private let jobs: [JobState]
  private let counts: [String: JobCounts]
  /// How many endpoints of each job are left alone, by kind.
  private var leftAlone: [String: [String: Int]] = [:]

  init(of jobs: [JobState], _ counts: [String: JobCounts], _ refusals: Refusals) {
    (self.jobs, self.counts) = (jobs, counts)
    let owners = JobsOfEndpoints(refusals.entries.keys, among: jobs)
    for (endpoint, refusal) in refusals.entries {
      for place in owners[endpoint] where jobs[place].inventory.targets[endpoint] == nil {
        leftAlone[jobs[place].job.name, default: [:]][refusal.kind.rawValue, default: 0] += 1
      }
    }
  }

  var families: [MetricFamily] { targets + scans + answers + files }

  // MARK: Kinds of families

  private func family(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: (JobState) -> Double?
  ) -> MetricFamily {
    var family = MetricFamily(name, kind, help)
    for job in jobs {
      if let value = value(job) { family.add(value, [("job", job.job.name)]) }
    }
    return family
  }

  private func family(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, by label: String,
    _ values: (JobState) -> [(word: String, value: Int)]
  ) -> MetricFamily {
    var family = MetricFamily(name, kind, help)
    for job in jobs {
      for (word, value) in values(job) { family.add(Double(value), [("job", job.job.name), (label, word)]) }
    }
    return family
  }

  private func counts(of job: JobState) -> JobCounts? { counts[job.job.name] }

  // MARK: Families

  private var targets: [MetricFamily] {
    [
      family("subnet_sd_targets", .gauge, "Targets now, by state.", by: "state") { job in
        let silent = job.inventory.targets.values.filter { $0.silence != nil }
        let held = silent.count(where: job.inventory.isHeld)
        let up = job.inventory.targets.count - silent.count
        return [("up", up), ("silent", silent.count - held), ("held", held)]
      },
      family(
        "subnet_sd_duplicate_targets", .gauge,
        "Targets now that are a further address of a machine that is one already."
      ) { job in Double(job.inventory.targets.values.count { $0.duplicateOf != nil }) },
      family("subnet_sd_hold", .gauge, "How many holds are on: removals stopped, as too many targets are silent.") {
        Double($0.inventory.holds.count)
      },
      family(
        "subnet_sd_target_events_total", .counter, "What happened to targets, by the event's name in the journal.",
        by: "event"
      ) { job in JournalEvent.ofTargets.map { ($0.rawValue, counts(of: job)?.events[$0] ?? 0) } },
    ]
  }

  private var scans: [MetricFamily] {
    var durations = MetricFamily("subnet_sd_scan_duration_seconds", .histogram, "How long scans took.")
    for job in jobs {
      if let histogram = counts(of: job)?.durations { durations.add(histogram, [("job", job.job.name)]) }
    }
    return [
      durations,
      family("subnet_sd_last_scan_duration_seconds", .gauge, "How long the last scan took, be it complete or not.") {
        job in
        job.lastOutcome.map { $0.duration / .seconds(1) }
      },
      family("subnet_sd_scan_interval_seconds", .gauge, "From the start of a scan to the start of the next.") {
        $0.job.scanInterval / .seconds(1)
      },
      family("subnet_sd_scan_running", .gauge, "Whether a scan is under way.") { $0.running == nil ? 0 : 1 },
      family("subnet_sd_endpoints", .gauge, "How many endpoints a scan has.") { Double($0.job.endpoints.count) },
      family(
        "subnet_sd_last_complete_scan_timestamp_seconds", .gauge,
        "When the last complete scan ended, in seconds since 1970; 0 where this process has had none."
      ) { counts(of: $0)?.lastComplete?.seconds ?? 0 },
      family(
        "subnet_sd_job_start_timestamp_seconds", .gauge, "When this process began with the job, in seconds since 1970."
      ) { counts(of: $0)?.start.seconds },
      family("subnet_sd_scans_total", .counter, "Scans that ended, by how.", by: "result") { job in
        JobCounts.ScanEnd.allCases.map { ($0.rawValue, counts(of: job)?.scans[$0] ?? 0) }
      },
    ]
  }

  private var answers: [MetricFamily] {
    [
      family(
        "subnet_sd_connects_total", .counter, "Endpoints by what became of the attempt to connect.", by: "result"
      ) { job in
        guard let counts = counts(of: job) else { return [] }
        return [
          ("accepted", Int(counts.accepted)), ("refused", Int(counts.refused)), ("timed_out", Int(counts.timedOut)),
          ("unreachable", Int(counts.unreachable)),
        ]
      },
      family("subnet_sd_verdicts_total", .counter, "What was found where a connection was accepted.", by: "verdict") {
        job in (["exporter"] + Verdict.otherKinds).map { ($0, counts(of: job)?.verdicts[$0] ?? 0) }
      },
      family(
        "subnet_sd_refused_endpoints", .gauge,
        "Endpoints that answer and are no target, by verdict: of the last scan, and those that are left alone for now.",
        by: "verdict"
      ) { job in
        let refused = refused(of: job)
        return (Verdict.otherKinds + [Excess.kind]).map { ($0, refused[$0] ?? 0) }
      },
    ]
  }

  /// What is left alone is counted while it is, all else as the last scan met it.
  private func refused(of job: JobState) -> [String: Int] {
    var counts = job.lastOutcome?.otherCounts ?? [:]
    for kind in Refusals.Refusal.Kind.allCases { counts[kind.rawValue] = leftAlone[job.job.name]?[kind.rawValue] }
    counts[Excess.kind] = job.inventory.excess.reduce(0) { $0 + $1.count }
    return counts
  }

  private var files: [MetricFamily] {
    [
      family(
        "subnet_sd_target_file_replaces_total", .counter,
        "How often the target file was to be replaced, by what came of it.",
        by: "result"
      ) { job in JobCounts.Replacing.allCases.map { ($0.rawValue, counts(of: job)?.replacing[$0] ?? 0) } },
      family("subnet_sd_target_file_fault", .gauge, "Whether the target file cannot be written or taken over now.") {
        $0.fault == nil ? 0 : 1
      },
    ]
  }
}
