package import Addressing

/// Everything known about the targets of one job: a state machine that scan reports drive.
///
/// It has no clock and does no I/O: the same reports at the same moments give the same inventory and events. Moments are
/// of the clock that stands still while the machine sleeps, and that nobody can set.
package struct JobInventory: Sendable {
  package internal(set) var targets: [Endpoint: Target] = [:]
  /// The job's first, then those of prefixes in their order.
  package internal(set) var holds: [Hold] = []
  /// Endpoints that left and may still be in the target file.
  package internal(set) var departed: Set<Endpoint> = []
  package internal(set) var policy: Policy
  /// The end of the last scan: silence is accounted for until then.
  package internal(set) var watchedUntil: SuspendingClock.Instant?
  /// Rises with each change that the next process should know of.
  package internal(set) var revision = 0
  /// How many scans of this process were complete and believed, and how many since then were complete and not.
  var completeScans = 0
  var unbelievedScans = 0
  /// When a target last said that it is another, or of another version, of those that did within `settling`.
  private var changes: [Endpoint: SuspendingClock.Instant] = [:]
  /// Endpoints that have shown for the first time which process they are, and those whose process began anew, since
  /// duplicates were last looked for.
  var fresh: [Endpoint] = []
  var restarted: Set<Endpoint> = []
  /// Further addresses that show another process than their first one, for now.
  var strays: Set<Endpoint> = []
  /// The machines that the last scan found at more addresses than become targets, and which were told within `settling`.
  package internal(set) var excess: [Excess] = []
  var toldExcess: [Machine: SuspendingClock.Instant] = [:]
  /// Targets that show the process of another machine, and when that was told of those of which it was within `settling`.
  var sharing: Set<Endpoint> = []
  var toldSharing: [Endpoint: SuspendingClock.Instant] = [:]

  /// What changes twice within this time, such as two machines behind one address, is not believed the second time: it
  /// would have the target file written at each scan.
  package static let settling = Duration.seconds(3_600)

  package init(policy: Policy) {
    self.policy = policy
  }

  /// Whether a scan of this process was complete and believed.
  package var hasCompleteScan: Bool { completeScans > 0 }

  /// How many targets are silent.
  package var silentCount: Int {
    targets.values.count { $0.silence != nil }
  }

  /// The targets that Prometheus is to scrape: all, or without further addresses of a machine if the policy says so.
  package var listed: [Target] { targets.values.filter(lists) }

  /// Whether Prometheus is to be told of one of them.
  package func lists(_ target: Target) -> Bool { !policy.listsFirstOnly || target.duplicateOf == nil }

  /// How much silence a target has left until it leaves; nil where it is up, held, or never leaves.
  package func timeLeft(of target: Target) -> Duration? {
    guard let silence = target.silence, !isHeld(target), case .after(let limit) = policy.removal else { return nil }
    return max(.zero, limit - silence.counted)
  }

  /// Takes over targets that were published before this process began: known, and up until a scan misses them. What this
  /// inventory knows, or knows to be gone, stays as it is.
  package mutating func adopt(_ published: [Endpoint: Sighting], now: SuspendingClock.Instant) {
    for (endpoint, sighting) in published where targets[endpoint] == nil && !departed.contains(endpoint) {
      targets[endpoint] = Target(endpoint: endpoint, sighting: sighting, firstSeen: now)
      revision += 1
    }
  }

  /// The target file lists what is listed here: nobody finds there what has left.
  package mutating func notePublished() {
    departed = []
  }

  /// Draws the consequences of a scan that ended `now`. Events of targets come in the order of their endpoints; first
  /// what was seen and missed, then holds, then what leaves, then what is another address of a machine.
  ///
  /// An incomplete scan adds and refreshes targets; nothing counts as missed, and its time not as silence.
  package mutating func absorb(_ report: ScanReport, now: SuspendingClock.Instant) -> [InventoryEvent] {
    let revisionBefore = revision
    var events: [InventoryEvent] = []
    changes = changes.filter { now - $0.value < Self.settling }
    if !toldSharing.isEmpty { toldSharing = toldSharing.filter { now - $0.value < Self.settling } }
    let leaving = leaving(report.refused.keys)
    var report = report
    for (endpoint, reason) in report.refused {
      if leaving.contains(endpoint) { refuse(endpoint, reason, &events) } else { report.missed[endpoint] = reason }
    }
    var found: [Endpoint] = []
    for (endpoint, sighting) in report.seen where accepts(sighting, at: endpoint) {
      if let known = targets[endpoint] {
        see(known, sighting, now: now, &events)
      } else {
        found.append(endpoint)
      }
    }
    for endpoint in admit(found, of: report.seen) {
      if let sighting = report.seen[endpoint] { add(endpoint, sighting, now: now, &events) }
    }
    for endpoint in report.busy where report.seen[endpoint] == nil { refresh(endpoint, now: now, &events) }
    let missed = report.isComplete ? report.missed.keys.filter { isMissed($0, in: report) } : []
    for endpoint in missed { miss(endpoint, report.missed[endpoint] ?? "", now: now) }

    let step = watchedUntil.map { max(.zero, now - $0) } ?? .zero
    let holdEvents = judgeLoss(after: report.isComplete ? step : .zero, now: now)
    if report.isComplete {
      countScan()
      events += announce(missed) + noteDowngrades(missed, in: report)
      for endpoint in missed { age(endpoint, by: step) }
    }
    watchedUntil = now
    events = sorted(events) + holdEvents + removeDue(missed) + noteExcess(now: now)
    return revision == revisionBefore && strays.isEmpty ? events : events + noteDuplicates(seen: report.seen)
  }

  private mutating func countScan() {
    if isUnbelieving {
      unbelievedScans += 1
    } else {
      completeScans += 1
      unbelievedScans = 0
    }
  }

  private func isMissed(_ endpoint: Endpoint, in report: ScanReport) -> Bool {
    report.seen[endpoint] == nil && !report.busy.contains(endpoint) && targets[endpoint] != nil
  }

  // MARK: What answered

  private mutating func see(
    _ known: Target, _ sighting: Sighting, now: SuspendingClock.Instant, _ events: inout [InventoryEvent]
  ) {
    let endpoint = known.endpoint
    if sighting.contradicts(known.sighting) {
      guard changes[endpoint] == nil else { return refresh(endpoint, now: now, &events) }
      changes[endpoint] = now
      events.append(.gone(known, .replaced(by: sighting)))
      return add(endpoint, sighting, now: now, &events)
    }
    var completed = sighting.completed(by: known.sighting)
    if let version = known.sighting.version, version != completed.version {
      if changes[endpoint] != nil { completed.version = version } else { changes[endpoint] = now }
    }
    if completed != known.sighting {
      noteIdentity(of: completed, after: known, now: now)
      targets[endpoint]?.sighting = completed
      revision += 1
    }
    refresh(endpoint, now: now, &events)
  }

  /// Notes what a known target, which goes on as the same machine, shows of its process.
  private mutating func noteIdentity(of sighting: Sighting, after known: Target, now: SuspendingClock.Instant) {
    guard let identity = ProcessIdentity(sighting) else { return }
    guard let earlier = ProcessIdentity(known.sighting) else {
      targets[known.endpoint]?.identitySince = now
      return fresh.append(known.endpoint)
    }
    if identity != earlier { restarted.insert(known.endpoint) }
  }

  private mutating func add(
    _ endpoint: Endpoint, _ sighting: Sighting, now: SuspendingClock.Instant, _ events: inout [InventoryEvent]
  ) {
    let target = Target(endpoint: endpoint, sighting: sighting, firstSeen: now)
    targets[endpoint] = target
    departed.remove(endpoint)
    fresh.append(endpoint)
    revision += 1
    events.append(.new(target))
  }

  /// Takes out what must not be published, held or not.
  private mutating func refuse(_ endpoint: Endpoint, _ reason: String, _ events: inout [InventoryEvent]) {
    guard let target = targets[endpoint] else { return }
    remove(endpoint)
    events.append(.gone(target, .refused(reason)))
  }

  private mutating func refresh(
    _ endpoint: Endpoint, now: SuspendingClock.Instant, _ events: inout [InventoryEvent]
  ) {
    guard var target = targets[endpoint], let silence = target.silence else { return }
    target.state = .up
    targets[endpoint] = target
    revision += 1
    if silence.isAnnounced { events.append(.back(target, silentFor: max(.zero, now - silence.since))) }
  }

  // MARK: What did not

  private mutating func miss(_ endpoint: Endpoint, _ reason: String, now: SuspendingClock.Instant) {
    guard let target = targets[endpoint] else { return }
    if var silence = target.silence {
      silence.missedScans += 1
      silence.reason = reason
      targets[endpoint]?.state = .silent(silence)
      // From here on it stands for its machine no more.
      if silence.missedScans == Removal.minMissedScans { revision += 1 }
    } else {
      targets[endpoint]?.state = .silent(Silence(since: now, reason: reason))
      revision += 1
    }
  }

  /// Tells who fell silent, unless everything did: then nobody knows who it was.
  mutating func announce(_ endpoints: [Endpoint]) -> [InventoryEvent] {
    guard !isUnbelieving else { return [] }
    var events: [InventoryEvent] = []
    for endpoint in endpoints {
      guard var target = targets[endpoint], var silence = target.silence, !silence.isAnnounced else { continue }
      silence.isAnnounced = true
      target.state = .silent(silence)
      targets[endpoint] = target
      revision += 1
      events.append(.silent(target, reason: silence.reason))
    }
    return events
  }

  /// Counts the time since the last scan, in or out of a hold; the first missed scan begins it.
  private mutating func age(_ endpoint: Endpoint, by step: Duration) {
    guard let target = targets[endpoint], var silence = target.silence, silence.missedScans > 1 else { return }
    if isHeld(target) {
      silence.held += step
    } else {
      silence.counted += step
      silence.held = .zero
    }
    targets[endpoint]?.state = .silent(silence)
  }

  /// Takes out who was silent for long enough.
  mutating func removeDue(_ endpoints: [Endpoint]) -> [InventoryEvent] {
    var events: [InventoryEvent] = []
    for endpoint in endpoints {
      guard let target = targets[endpoint], let silence = target.silence, !isHeld(target) else { continue }
      // Of a silence that began before this process, only the scans of this one are sure.
      let missedScans = min(silence.missedScans, completeScans)
      guard policy.removal.isDue(silentFor: silence.counted, missedScans: missedScans) else { continue }
      remove(endpoint)
      events.append(.gone(target, .silent(for: silence.counted, missedScans: silence.missedScans)))
    }
    return sorted(events)
  }

  mutating func remove(_ endpoint: Endpoint) {
    targets[endpoint] = nil
    departed.insert(endpoint)
    revision += 1
  }

  /// In the order of their endpoints; two of one endpoint stay as they are, as they belong together.
  func sorted(_ events: [InventoryEvent]) -> [InventoryEvent] {
    let places = events.indices.compactMap { index in events[index].endpoint.map { ($0, index) } }
    return places.sorted { $0 < $1 }.map { events[$0.1] }
  }
}

extension InventoryEvent {
  /// Whom it happened to; nil for what happens to many.
  package var endpoint: Endpoint? {
    switch self {
    case .new(let target), .silent(let target, _), .downgraded(let target, _), .back(let target, _),
      .gone(let target, _), .forgotten(let target, _), .duplicate(let target, _), .distinct(let target, _),
      .shared(let target, _):
      target.endpoint
    case .crowded, .holdBegun, .holdEnded: nil
    }
  }
}
