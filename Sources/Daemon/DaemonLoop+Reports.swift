internal import Addressing
internal import Configuration
internal import Inventory
internal import Logging
internal import Probing
internal import Publishing
internal import Sweeping

/// What happens to jobs and their targets: counted and logged.
extension DaemonLoop {
  mutating func report(_ events: [InventoryEvent], of index: Int) {
    if !events.isEmpty { jobs[index].isUnpublished = true }
    for event in events { report(event, of: jobs[index].job.name) }
  }

  /// Counts and logs what happened to targets of a job, be it one of the past.
  mutating func report(_ event: InventoryEvent, of job: String) {
    count(job) { $0.events[event.kind, default: 0] += 1 }
    log.log(event, job: job)
  }

  /// Counts something that happened to a job, be it one of the past.
  mutating func count(_ job: String, _ change: (inout JobCounts) -> Void) {
    let now = moment().wall
    change(&counts[job, default: JobCounts(start: now)])
  }

  /// Tells, once while it lasts, that a job is swept in another way than it asks for.
  mutating func reportSweepFault(of index: Int) {
    let fault = Scanner.sweepFault(of: jobs[index].job)
    defer { jobs[index].toldSweepFault = fault }
    guard let fault, fault != jobs[index].toldSweepFault else { return }
    log.log(.warning, .synUnavailable, job: jobs[index].job.name, reason: fault, fault)
  }

  /// Tells that targets of before are listed with https now, though that is not how they were found.
  mutating func reportUnencrypted(of index: Int) {
    let (name, targets) = (jobs[index].job.name, jobs[index].inventory.unencrypted.map(\.endpoint))
    defer { jobs[index].toldUnencrypted = Set(targets) }
    jobs[index].toldLingering = 0
    guard let demand = jobs[index].job.tlsDemand, !jobs[index].toldUnencrypted.isSuperset(of: targets) else { return }
    log.warning(
      """
      job '\(name)': \(targets.count.of("target")) found or listed without https, and \(demand.phrase): listed with https, \
      so that Prometheus sends no password in the clear; write 'scheme: http' if plain HTTP is meant
      """, metadata: [JournalField.job.rawValue: .string(name)])
  }

  /// Tells, once while it lasts, what a file that cannot be replaced lists without https, though its job requires that.
  mutating func reportLingering(in index: Int) {
    let state = jobs[index]
    guard let demand = state.job.tlsDemand else { return jobs[index].toldLingering = 0 }
    let listed = state.file.unencryptedCount()
    let count = listed ?? state.inventory.unencrypted.count
    defer { jobs[index].toldLingering = count }
    guard count > state.toldLingering else { return }
    log.warning(
      """
      job '\(state.job.name)': '\(state.file.path)' \(listed == nil ? "may list" : "lists") \(count.of("target")) without \
      https, and \(demand.phrase): Prometheus asks those in the clear, with its password if it has one; let it read the file no \
      longer, or write 'scheme: http' if plain HTTP is meant
      """, metadata: [JournalField.job.rawValue: .string(state.job.name)])
  }

  /// A middlebox may look like thousands.
  private static let maxToldSuspects = 20

  /// Tells what a scan met that operators may want to look at, each once.
  mutating func reportOddities(_ outcome: ScanOutcome, of index: Int) {
    let name = jobs[index].job.name
    let suspects = outcome.newSuspects.sorted { $0.key < $1.key }
    if !suspects.isEmpty {
      count(name) { $0.events[.printerSuspected, default: 0] += suspects.count }
    }
    for (endpoint, reason) in suspects.prefix(Self.maxToldSuspects) {
      log.log(
        .notice, .printerSuspected, job: name, target: endpoint.description, reason: reason,
        "job '\(name)': \(endpoint) \(reason); nothing is sent to it and it is not listed; if it is none, write"
          + " \(endpoint.address) into 'not_printers'")
    }
    if suspects.count > Self.maxToldSuspects {
      log.notice(
        "job '\(name)': \(suspects.count - Self.maxToldSuspects) more may be printers; 'subnet-sd targets --state refused'"
      )
    }
    for prefix in outcome.acceptingPrefixes where jobs[index].toldPrefixes.insert(prefix).inserted {
      log.log(
        .warning, .rangeAccepting, job: name, prefix: prefix.description,
        "job '\(name)': every address of \(prefix) accepts connections, and most of them are nothing; something in"
          + " between, such as a firewall, answers for them; leave them out with 'exclude'")
    }
  }

  func report(_ outcome: ScanOutcome, of state: JobState) {
    let name = state.job.name
    if case .incomplete(let failure) = outcome.summary.end {
      log.log(
        .warning, .scanIncomplete, job: name, reason: failure.description,
        "job '\(name)': scan incomplete (\(failure)): \(Int(outcome.summary.untried).of("endpoint")) not tried,"
          + " nothing counts as silent")
    } else {
      log.log(.info, .scanComplete, job: name, "job '\(name)': \(outcome.sentence(state.inventory))")
    }
    guard log.logLevel <= .debug else { return }
    for (endpoint, verdict) in outcome.others.sorted(by: { $0.key < $1.key }) {
      log.debug("job '\(name)': \(endpoint) \(verdict)", metadata: [JournalField.job.rawValue: .string(name)])
    }
  }
}
