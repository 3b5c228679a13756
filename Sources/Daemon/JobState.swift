internal import Addressing
internal import Configuration
internal import Exporters
internal import Files
internal import Inventory
internal import Probing
internal import Publishing
internal import Sweeping

/// What the loop keeps of one job.
struct JobState: Sendable {
  let id: Int
  var job: Job
  var file: TargetFile
  var access: Access
  var inventory: JobInventory
  var schedule: ScanSchedule
  let timer: OneShotTimer
  var running: RunningSweep?
  /// Whether the scan under way began with another configuration.
  var isRunningOutdated = false
  /// Whether a scan of this configuration has tried anything: before, none is stretched, so that its result comes soon.
  var isScanned = false
  /// How many scans have begun.
  var scanCount = 0
  var lastOutcome: ScanOutcome?
  /// When that scan ended.
  var lastEnd: SuspendingClock.Instant?
  /// When the scan under way began.
  var runningSince: SuspendingClock.Instant?
  /// Whether the existing target file has been taken over; nothing is published before.
  var isAdopted = false
  /// Whether the process before, or the target file, told which targets there are.
  var isRestored: Bool
  /// Whether the inventory has changed since it was last published.
  var isUnpublished = false
  /// What is wrong with the target file, as it was last logged.
  var fault: String?
  /// Targets that another job has taken over: they stay in this file until they stand in that one's.
  var lent: [Target] = []
  /// Prefixes in which everything accepts connections, as far as that was told.
  var toldPrefixes: Set<Prefix> = []
  /// Addresses that the service manager lets no process reach, as far as that was told.
  var toldBlocked = AddressSet()
  /// Why it is not swept in the way that it asks for, as far as that was told.
  var toldSweepFault: String?
  /// Targets that were found or listed without https and are listed with it, as far as that was told.
  var toldUnencrypted: Set<Endpoint> = []
  /// How many targets stand without https in a file that cannot be replaced, as far as that was told.
  var toldLingering = 0
  /// Where another machine or program answered in the last scan than before.
  var replaced: Set<Endpoint> = []

  init(
    id: Int, job: Job, file: TargetFile, access: Access, timer: OneShotTimer, inventory: JobInventory? = nil,
    now: SuspendingClock.Instant
  ) {
    self.id = id
    self.job = job
    self.file = file
    self.access = access
    self.timer = timer
    self.inventory = inventory ?? JobInventory(policy: job.policy)
    isRestored = inventory?.watchedUntil != nil
    schedule = ScanSchedule(interval: job.scanInterval, phase: ScanSchedule.phase(ofJob: id), now: now)
  }

  /// Takes over what the target file lists and the inventory does not know, if that was not done yet; returns what of it
  /// the job does not scan, in the order of endpoints.
  mutating func adopt(now: SuspendingClock.Instant) throws(PublishingError) -> [Target] {
    guard !isAdopted else { return [] }
    try file.check()
    let adoption = try file.adopt(within: job.endpoints)
    inventory.adopt(adoption.wanted.mapValues(sighting(by:)), now: now)
    if !adoption.wanted.isEmpty { isRestored = true }
    isAdopted = true
    return adoption.outside.sorted { $0.key < $1.key }.map { endpoint, claim in
      Target(endpoint: endpoint, sighting: sighting(by: claim), firstSeen: now)
    }
  }

  /// What a target file says is at an endpoint; only what the job looks for is believed, whatever wrote the file.
  private func sighting(by claim: Claim) -> Sighting {
    let exporter = claim.exporter.flatMap { job.lists($0) ? $0 : nil }
    return Sighting(
      exporter: exporter ?? job.exporters.first?.name ?? Identity.unknownName, scheme: claim.scheme ?? .http,
      metricsPath: claim.metricsPath ?? job.exporters.first?.metricsPath ?? Exporter.usualPath)
  }

  /// What the next scan is to do.
  func order(among catalogue: Catalogue) -> ScanOrder {
    var order = ScanOrder(
      job, among: catalogue,
      known: inventory.targets.mapValues { target in
        ScanOrder.Known(
          scheme: target.sighting.scheme,
          isTrusted: target.silence == nil && target.sighting.isProven && !replaced.contains(target.endpoint))
      }, access: access)
    order.mayBeStretched = isScanned
    return order
  }

  /// Why what is known is no list of targets yet, as a sentence; nil where it is one.
  var doubt: String? {
    if !isAdopted { return "job '\(job.name)': \(fault ?? "the target file is not read yet")" }
    guard !isRestored, !inventory.hasCompleteScan else { return nil }
    return "job '\(job.name)': there was no complete scan yet"
  }

  /// What Prometheus is told.
  var groups: [TargetGroup] {
    let targets = (inventory.listed + lent).map { target in
      var traits = Traits(of: target.sighting, hostname: target.hostname, named: job.targetLabels)
      traits.scheme = inventory.scheme(of: target)
      return (target.endpoint, traits)
    }
    return TargetGroup.groups(
      of: Dictionary(targets, uniquingKeysWith: { first, _ in first }), job: job.name, labels: job.labels,
      groupBy: job.groupBy)
  }

  /// Makes the target file list the inventory.
  mutating func publish() throws(PublishingError) -> Replacement {
    let replacement = try file.replace(with: groups, within: job.endpoints)
    isUnpublished = false
    inventory.notePublished()
    return replacement
  }
}

extension Job {
  /// What the job says about the lives of its targets.
  var policy: Policy {
    let removal: Removal =
      switch removeAfter {
      case .after(let duration): .after(duration)
      case .never: .never
      }
    let encryption: Encryption = tlsDemand != nil ? .required : scheme == .http ? .optional : .kept
    let holdLimit: Duration? = if case .after(let limit) = holdLimit { limit } else { nil }
    return Policy(
      removal: removal, maxLossPercent: maxLossPercent, holdLimit: holdLimit, groupBy: groupBy,
      listsFirstOnly: duplicates == .first, encryption: encryption)
  }

  /// Whether a target would be found by this job as well.
  func scans(_ target: Target) -> Bool {
    endpoints.contains(target.endpoint) && lists(target.sighting.exporter)
  }

  /// Whether it looks for an exporter of this name.
  func lists(_ exporter: String) -> Bool { listsAny || exporters.contains { $0.name == exporter } }
}
