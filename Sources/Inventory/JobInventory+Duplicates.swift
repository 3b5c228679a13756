internal import Addressing

/// Machines with several addresses: one process that answers at each is found as often.
extension JobInventory {
  /// What all addresses of one process have in common. Two machines share it only if they share a name and their
  /// exporters began within the same hundredth of a second.
  private struct Identity: Hashable {
    let exporter: String
    let nodename: String
    let startTime: Double

    init?(_ sighting: Sighting) {
      guard let nodename = sighting.nodename, let startTime = sighting.startTime else { return nil }
      exporter = sighting.exporter
      self.nodename = nodename
      self.startTime = startTime
    }
  }

  /// Who stands for a machine: of those that answer the one known for longest, of those the first.
  private struct Rank: Comparable {
    let isLost: Bool
    let firstSeen: SuspendingClock.Instant
    let endpoint: Endpoint

    init(_ target: Target, isHeld: Bool) {
      // A scan or two without an answer must not change who is listed, nor an outage of all; one of some is known by
      // its hold.
      isLost = target.silence.map { isHeld || $0.missedScans >= Removal.minMissedScans } ?? false
      firstSeen = target.firstSeen
      endpoint = target.endpoint
    }

    static func < (left: Rank, right: Rank) -> Bool {
      if left.isLost != right.isLost { return right.isLost }
      return (left.firstSeen, left.endpoint) < (right.firstSeen, right.endpoint)
    }
  }

  /// Finds out which targets are further addresses of a machine; tells who has become one, and who is none any more.
  mutating func noteDuplicates() -> [InventoryEvent] {
    let first = firstOfMachines()
    var events: [InventoryEvent] = []
    for (endpoint, target) in targets where target.duplicateOf != nil || !first.isEmpty {
      let leader = Identity(target.sighting).flatMap { first[$0]?.endpoint }
      let original = leader == endpoint ? nil : leader
      guard original != target.duplicateOf else { continue }
      var target = target
      let wasDuplicate = target.duplicateOf != nil
      target.duplicateOf = original
      targets[endpoint] = target
      if let original {
        if !wasDuplicate { events.append(.duplicate(target, of: original)) }
      } else {
        events.append(.distinct(target))
      }
    }
    return sorted(events)
  }

  /// The targets that stand for machines with several addresses.
  private func firstOfMachines() -> [Identity: Rank] {
    // Most processes began at a moment of their own: only the others have to be looked at.
    var isShared: [Double: Bool] = [:]
    for target in targets.values {
      guard let startTime = target.sighting.startTime else { continue }
      isShared[startTime] = isShared[startTime] != nil
    }
    guard isShared.values.contains(true) else { return [:] }
    var first: [Identity: Rank] = [:]
    for target in targets.values {
      guard let startTime = target.sighting.startTime, isShared[startTime] == true,
        let identity = Identity(target.sighting)
      else { continue }
      let rank = Rank(target, isHeld: isHeld(target))
      first[identity] = min(first[identity] ?? rank, rank)
    }
    return first
  }
}
