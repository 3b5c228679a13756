internal import Addressing

/// Holds: too many targets that fall silent at once are an outage, not as many decommissioned machines.
extension JobInventory {
  /// Fewer silent targets are never an outage: a prefix of two machines would be held for each.
  static let minHeld = 3

  /// Whether nothing at all answers: then the scan is not believed, and only an operator can say that it is true.
  var isUnbelieving: Bool { holds.first?.scope == .job && holds.first?.isTotal == true }

  /// Lets holds begin and end, after a scan that `step` of watched time lies before.
  mutating func judgeLoss(after step: Duration, now: SuspendingClock.Instant) -> [InventoryEvent] {
    var events = endHoldsAtTheirLimit(after: step)
    let loss = losses()
    for index in holds.indices.reversed() {
      // Two thirds, so that one target that comes and goes does not end and begin a hold all the time.
      if let loss = loss[holds[index].scope], loss.isMore(than: policy.maxLossPercent, times: (2, 3)) {
        (holds[index].silent, holds[index].total) = (loss.silent, loss.total)
      } else {
        events.append(.holdEnded(holds.remove(at: index), .recovered))
        revision += 1
      }
    }
    let tooMuch = loss.filter { $0.value.isMore(than: policy.maxLossPercent) }
    let scopes = holds.contains { $0.scope == .job } ? [] : tooMuch[.job] == nil ? tooMuch.keys.sorted() : [.job]
    for scope in scopes where !holds.contains(where: { $0.scope == scope }) {
      guard let loss = loss[scope] else { continue }
      let hold = Hold(scope: scope, since: now, silent: loss.silent, total: loss.total)
      holds.append(hold)
      events.append(.holdBegun(hold))
      revision += 1
    }
    holds.sort { $0.scope < $1.scope }
    return events
  }

  /// Whether a hold keeps a silent target from leaving, and its time from counting. That is so even where it is known to
  /// be gone: it may have come back behind the switch that is dead now.
  package func isHeld(_ target: Target) -> Bool {
    target.silence != nil && holds.contains { isIn(target, $0.scope) }
  }

  /// Ends the holds of the job, or of one prefix, because an operator says that what is silent is gone: the time of the
  /// hold counts, and who is due leaves now. Nothing where there is no such hold.
  package mutating func release(_ scope: Hold.Scope, by user: UInt32) -> [InventoryEvent] {
    let released = holds.filter { scope == .job || $0.scope == scope }
    guard !released.isEmpty else { return [] }
    holds.removeAll { released.contains($0) }
    let silent = targets.values.filter { $0.silence != nil && isIn($0, scope) }.map(\.endpoint)
    confirm(silent)
    if !isUnbelieving {
      // Now they are believed, the scans as well.
      completeScans += unbelievedScans
      unbelievedScans = 0
    }
    return sorted(announce(silent)) + released.map { .holdEnded($0, .released(by: user)) } + removeDue(silent)
      + noteDuplicates()
  }

  /// Ends the holds of prefixes that targets are not grouped by.
  mutating func endHolds(unlessGroupedBy groupBy: Int) -> [InventoryEvent] {
    let ended = holds.filter { hold in
      guard case .prefix(let prefix) = hold.scope else { return false }
      return prefix != Prefix(grouping: prefix.address, by: groupBy)
    }
    holds.removeAll { ended.contains($0) }
    revision += ended.count
    return ended.map { .holdEnded($0, .reconfigured) }
  }

  private func isIn(_ target: Target, _ scope: Hold.Scope) -> Bool {
    scope == .job || scope == .prefix(Prefix(grouping: target.endpoint.address, by: policy.groupBy))
  }

  private mutating func endHoldsAtTheirLimit(after step: Duration) -> [InventoryEvent] {
    var events: [InventoryEvent] = []
    // An uplink may be gone for longer than any limit.
    guard !isUnbelieving else { return events }
    for index in holds.indices.reversed() {
      holds[index].age += step
      guard let limit = policy.holdLimit, holds[index].age >= limit else { continue }
      let hold = holds.remove(at: index)
      confirm(targets.values.filter { $0.silence != nil && isIn($0, hold.scope) }.map(\.endpoint))
      events.append(.holdEnded(hold, .limit))
    }
    return events
  }

  /// Takes silent targets for gone.
  private mutating func confirm(_ endpoints: [Endpoint]) {
    for endpoint in endpoints {
      guard var silence = targets[endpoint]?.silence else { continue }
      silence.confirm()
      targets[endpoint]?.state = .silent(silence)
    }
    revision += 1
  }

  /// Which of the targets that must not be published leave for it. Where so many exporters at once look like something else
  /// that their silence would be a hold, something stands in between and answers for them: they have missed a scan.
  func leaving(_ refused: some Collection<Endpoint>) -> Set<Endpoint> {
    let proven = Set(refused.filter { targets[$0]?.sighting.isProven == true })
    let tooMuch =
      proven.count < Self.minHeld ? [:] : losses(with: proven).filter { $0.value.isMore(than: policy.maxLossPercent) }
    return Set(refused).subtracting(
      proven.filter { endpoint in
        targets[endpoint].map { target in tooMuch.keys.contains { isIn(target, $0) } } ?? false
      })
  }

  /// How much the job and each prefix have lost, where that is enough to count; with what `others` may be lost, too.
  private func losses(with others: Set<Endpoint> = []) -> [Hold.Scope: Loss] {
    guard policy.maxLossPercent < 100 else { return [:] }
    func isLost(_ target: Target) -> Bool { target.silence != nil || others.contains(target.endpoint) }
    let counted = targets.values.filter { $0.silence?.isConfirmed != true }
    let job = Loss(silent: counted.count(where: isLost), total: counted.count)
    guard job.silent >= Self.minHeld else { return [:] }
    var losses: [Hold.Scope: Loss] = [.job: job]
    for target in counted {
      let scope = Hold.Scope.prefix(Prefix(grouping: target.endpoint.address, by: policy.groupBy))
      losses[scope, default: Loss()].total += 1
      if isLost(target) { losses[scope, default: Loss()].silent += 1 }
    }
    return losses.filter { $0.value.silent >= Self.minHeld }
  }

  private struct Loss {
    var silent = 0
    var total = 0

    func isMore(than percent: Int, times part: (Int, Int) = (1, 1)) -> Bool {
      silent * 100 * part.1 > total * percent * part.0
    }
  }
}

extension Hold.Scope: Comparable {
  package static func < (left: Hold.Scope, right: Hold.Scope) -> Bool {
    switch (left, right) {
    case (.job, .prefix): true
    case (.prefix(let left), .prefix(let right)): left < right
    case (_, .job): false
    }
  }
}
