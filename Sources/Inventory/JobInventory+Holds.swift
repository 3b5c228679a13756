internal import Addressing

/// Holds: too many targets that fall silent at once are an outage, not as many decommissioned machines.
extension JobInventory {
  /// Fewer silent targets are never an outage: a prefix of two machines would be held for each.
  static let minHeld = 3

  /// Lets holds begin and end, after a scan that `step` of watched time lies before.
  mutating func judgeLoss(after step: Duration, now: SuspendingClock.Instant) -> [InventoryEvent] {
    var events = endHoldsAtTheirLimit(after: step)
    let loss = losses()
    for index in holds.indices.reversed() {
      if let loss = loss[holds[index].scope] {
        (holds[index].silent, holds[index].total) = (loss.silent, loss.total)
      } else {
        events.append(.holdEnded(holds.remove(at: index), .recovered))
        revision += 1
      }
    }
    let scopes = loss[.job] == nil ? loss.keys.sorted() : [.job]
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
    guard !holds.isEmpty, target.silence != nil else { return false }
    let prefix = Prefix(grouping: target.endpoint.address, by: policy.groupBy)
    return holds.contains { $0.scope == .job || $0.scope == .prefix(prefix) }
  }

  /// Ends the holds of the job because an operator says that what is silent is gone: the time of the hold counts, and
  /// who is due leaves now. Nothing where there is no hold.
  package mutating func release(by user: UInt32) -> [InventoryEvent] {
    guard !holds.isEmpty else { return [] }
    let ended = holds.map { InventoryEvent.holdEnded($0, .released(by: user)) }
    holds = []
    confirm { _ in true }
    let silent = targets.values.filter { $0.silence != nil }.map(\.endpoint)
    return sorted(announce(silent)) + ended + removeDue(silent) + noteDuplicates()
  }

  /// Ends the holds of prefixes that targets are not grouped by any more.
  mutating func endHolds(groupedUnlike groupBy: Int) -> [InventoryEvent] {
    let ended = holds.filter { $0.scope != .job && groupBy != policy.groupBy }
    holds.removeAll { ended.contains($0) }
    revision += ended.count
    return ended.map { .holdEnded($0, .reconfigured) }
  }

  private mutating func endHoldsAtTheirLimit(after step: Duration) -> [InventoryEvent] {
    var events: [InventoryEvent] = []
    for index in holds.indices.reversed() {
      holds[index].age += step
      guard let limit = policy.holdLimit, holds[index].age >= limit else { continue }
      let hold = holds.remove(at: index)
      confirm { hold.scope == .job || hold.scope == .prefix($0) }
      events.append(.holdEnded(hold, .limit))
    }
    return events
  }

  /// Takes what is silent in some prefixes for gone.
  private mutating func confirm(where isIn: (Prefix) -> Bool) {
    for (endpoint, target) in targets {
      guard var silence = target.silence, isIn(Prefix(grouping: endpoint.address, by: policy.groupBy)) else { continue }
      silence.confirm()
      targets[endpoint]?.state = .silent(silence)
    }
    revision += 1
  }

  /// How much the job and each prefix have lost, where that is more than they may.
  private func losses() -> [Hold.Scope: Loss] {
    guard policy.maxLoss < 1 else { return [:] }
    let counted = targets.values.filter { $0.silence?.isConfirmed != true }
    let job = Loss(silent: counted.count { $0.silence != nil }, total: counted.count)
    guard job.silent >= Self.minHeld else { return [:] }
    var losses: [Hold.Scope: Loss] = [.job: job]
    for target in counted {
      let scope = Hold.Scope.prefix(Prefix(grouping: target.endpoint.address, by: policy.groupBy))
      losses[scope, default: Loss()].total += 1
      if target.silence != nil { losses[scope, default: Loss()].silent += 1 }
    }
    return losses.filter { $0.value.silent >= Self.minHeld && $0.value.share > policy.maxLoss }
  }

  private struct Loss {
    var silent = 0
    var total = 0
    var share: Double { Double(silent) / Double(max(total, 1)) }
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
