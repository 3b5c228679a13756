package import Addressing

/// Everything known about the targets of one job: a state machine that scan reports drive.
///
/// It has no clock and does no I/O: the same reports at the same moments give the same inventory and events.
package struct JobInventory: Sendable {
  package private(set) var targets: [Endpoint: Target] = [:]
  package var removal: Removal

  package init(removal: Removal) {
    self.removal = removal
  }

  /// How many targets are silent.
  package var silentCount: Int {
    targets.values.count { if case .silent = $0.state { true } else { false } }
  }

  /// Takes over targets that were published before this process began: known, and up until a scan misses them.
  package mutating func adopt(_ published: [Endpoint: Sighting]) {
    for (endpoint, sighting) in published where targets[endpoint] == nil {
      targets[endpoint] = Target(endpoint: endpoint, sighting: sighting)
    }
  }

  /// Draws the consequences of a scan that ended `now`; events come in the order of their endpoints.
  ///
  /// An incomplete scan adds and refreshes targets and counts nothing as missed.
  package mutating func absorb(_ report: ScanReport, now: ContinuousClock.Instant) -> [TargetEvent] {
    var events: [TargetEvent] = []
    for endpoint in Set(report.seen.keys).union(report.busy).union(report.missed.keys).sorted() {
      if let sighting = report.seen[endpoint] {
        events += see(endpoint, sighting, now: now)
      } else if report.busy.contains(endpoint) {
        events += refresh(endpoint, now: now)
      } else if let reason = report.missed[endpoint], report.isComplete {
        events += miss(endpoint, reason, now: now)
      }
    }
    return events
  }

  /// Drops the targets that are not in `endpoints`: a change of configuration takes them along at once.
  package mutating func keepOnly(_ endpoints: EndpointSet) -> [TargetEvent] {
    let dropped = targets.values.filter { !endpoints.contains($0.endpoint) }.sorted {
      $0.endpoint < $1.endpoint
    }
    for target in dropped { targets[target.endpoint] = nil }
    return dropped.map { .gone($0, .unconfigured) }
  }

  private mutating func see(
    _ endpoint: Endpoint, _ sighting: Sighting, now: ContinuousClock.Instant
  ) -> [TargetEvent] {
    guard let known = targets[endpoint] else { return add(endpoint, sighting) }
    if sighting.contradicts(known.sighting) {
      return [.gone(known, .replaced(by: sighting))] + add(endpoint, sighting)
    }
    targets[endpoint]?.sighting = Sighting(
      exporter: sighting.exporter, version: sighting.version ?? known.sighting.version,
      nodename: sighting.nodename ?? known.sighting.nodename)
    return refresh(endpoint, now: now)
  }

  private mutating func add(_ endpoint: Endpoint, _ sighting: Sighting) -> [TargetEvent] {
    let target = Target(endpoint: endpoint, sighting: sighting)
    targets[endpoint] = target
    return [.new(target)]
  }

  private mutating func refresh(_ endpoint: Endpoint, now: ContinuousClock.Instant) -> [TargetEvent] {
    guard var target = targets[endpoint], case .silent(let since, _) = target.state else { return [] }
    target.state = .up
    targets[endpoint] = target
    return [.back(target, silentFor: now - since)]
  }

  private mutating func miss(
    _ endpoint: Endpoint, _ reason: String, now: ContinuousClock.Instant
  ) -> [TargetEvent] {
    guard var target = targets[endpoint] else { return [] }
    var events: [TargetEvent] = []
    let (since, missedScans) =
      if case .silent(let since, let missedScans) = target.state { (since, missedScans + 1) } else {
        (now, 1)
      }
    target.state = .silent(since: since, missedScans: missedScans)
    targets[endpoint] = target
    if missedScans == 1 { events.append(.silent(target, reason: reason)) }
    if removal.isDue(silentFor: now - since, missedScans: missedScans) {
      targets[endpoint] = nil
      events.append(.gone(target, .silent(for: now - since, missedScans: missedScans)))
    }
    return events
  }
}
