internal import Addressing

/// Machines with several addresses: one process that answers at each is found as often.
///
/// What a process shows is public, so that any host can show the same. Therefore only an endpoint that shows for the
/// first time which process it is can become a further address, and it stays one for as long as it goes with the first,
/// over restarts of the process. What was a machine of its own stays one, whatever others show.
extension JobInventory {
  /// The order in which endpoints stand for a machine: those that were known before the scan under way, then by when they
  /// first showed it.
  private struct Rank: Comparable {
    let isLost: Bool
    let isFresh: Bool
    let identitySince: SuspendingClock.Instant
    let firstSeen: SuspendingClock.Instant
    let endpoint: Endpoint

    init(_ target: Target, isLost: Bool = false, isFresh: Bool = false) {
      self.isLost = isLost
      self.isFresh = isFresh
      identitySince = target.identitySince
      firstSeen = target.firstSeen
      endpoint = target.endpoint
    }

    static func < (left: Rank, right: Rank) -> Bool {
      if left.isLost != right.isLost { return right.isLost }
      if left.isFresh != right.isFresh { return right.isFresh }
      return (left.identitySince, left.firstSeen, left.endpoint)
        < (right.identitySince, right.firstSeen, right.endpoint)
    }
  }

  /// Finds out which targets are further addresses of a machine, after a scan that has `seen` these or after another
  /// change; tells who has become one, who is none any more, and who shows the process of another machine.
  mutating func noteDuplicates(seen: [Endpoint: Sighting] = [:]) -> [InventoryEvent] {
    defer { (fresh, restarted) = ([], []) }
    strays = []
    let concerned = concerned()
    guard !concerned.isEmpty else {
      sharing = []
      return []
    }
    let before = concerned.map { targets[$0]?.further }
    letGo(of: concerned, seen)
    fold(concerned)
    chooseStandIns(among: concerned)
    var events: [InventoryEvent] = []
    for (endpoint, old) in zip(concerned, before) {
      guard let target = targets[endpoint], target.further != old else { continue }
      revision += 1
      switch (old?.listedBeside, target.duplicateOf) {
      case (nil, let first?): events.append(.duplicate(target, of: first))
      case (_?, nil): events.append(.distinct(target, standingInFor: target.further?.of))
      default: break
      }
    }
    return sorted(events) + noteSharing(among: concerned)
  }

  /// The targets that are further addresses, or of whose process another shows the time of start.
  private func concerned() -> [Endpoint] {
    // Most processes began at a moment of their own: only the others have to be looked at.
    var isShared: [Double: Bool] = [:]
    var isAny = false
    for target in targets.values {
      if target.further != nil { isAny = true }
      guard let startTime = target.sighting.startTime else { continue }
      isShared[startTime] = isShared[startTime] != nil
    }
    guard isAny || isShared.values.contains(true) else { return [] }
    return targets.values.filter { target in
      target.further != nil || target.sighting.startTime.map { isShared[$0] == true } ?? false
    }.map(\.endpoint)
  }

  /// Makes what shows its process for the first time a further address of the first that shows it.
  private mutating func fold(_ concerned: [Endpoint]) {
    guard !fresh.isEmpty else { return }
    let fresh = Set(fresh)
    var first: [ProcessIdentity: Rank] = [:]
    for endpoint in concerned {
      guard let target = targets[endpoint], target.further == nil, let identity = ProcessIdentity(target.sighting)
      else {
        continue
      }
      let rank = Rank(target, isFresh: fresh.contains(endpoint))
      first[identity] = min(first[identity] ?? rank, rank)
    }
    for endpoint in concerned where fresh.contains(endpoint) {
      guard let target = targets[endpoint], target.further == nil,
        let leader = ProcessIdentity(target.sighting).flatMap({ first[$0]?.endpoint }), leader != endpoint
      else { continue }
      targets[endpoint]?.further = Further(of: leader)
    }
  }

  /// Further addresses of a machine that has lost its first, by that one and the name.
  private struct Orphanage: Hashable {
    let first: Endpoint
    let exporter: String
    let nodename: String?
  }

  /// Lets go of further addresses that show another process than their first, and of those whose first is gone or another
  /// machine now: of these the next one is the first.
  private mutating func letGo(of concerned: [Endpoint], _ seen: [Endpoint: Sighting]) {
    var orphans: [Orphanage: [Target]] = [:]
    for endpoint in concerned {
      guard let target = targets[endpoint], let further = target.further else { continue }
      let sighting = target.sighting
      guard let leader = targets[further.of], leader.further == nil, leader.sighting.exporter == sighting.exporter,
        leader.sighting.nodename == sighting.nodename
      else {
        let key = Orphanage(first: further.of, exporter: sighting.exporter, nodename: sighting.nodename)
        orphans[key, default: []].append(target)
        continue
      }
      guard leader.sighting.startTime != sighting.startTime else { continue }
      // One of them was asked before the process began anew, or was not heard since: that does not make it two.
      let endpoints = [endpoint, leader.endpoint]
      if endpoints.allSatisfy({ seen[$0] != nil && !restarted.contains($0) }) {
        targets[endpoint]?.further = nil
        // It may be another address of a third: it was not listed, so that this hides nothing.
        fresh.append(endpoint)
      } else {
        strays.insert(endpoint)
      }
    }
    for family in orphans.values {
      let heir = family.min { Rank($0, isLost: isLost($0)) < Rank($1, isLost: isLost($1)) }
      for target in family {
        targets[target.endpoint]?.further = heir.flatMap {
          $0.endpoint == target.endpoint ? nil : Further(of: $0.endpoint)
        }
      }
    }
  }

  /// Whether a target has not answered for so long that another address of its machine is listed beside it. A scan or two
  /// without an answer must not change who is listed, nor an outage of all; one of some is known by its hold.
  private func isLost(_ target: Target) -> Bool {
    target.silence.map { isHeld(target) || $0.missedScans >= Removal.minMissedScans } ?? false
  }

  /// Lists another address of each machine whose first does not answer: beside it, so that nothing hides that.
  private mutating func chooseStandIns(among concerned: [Endpoint]) {
    var standIns: [Endpoint: Target] = [:]
    for endpoint in concerned {
      guard let target = targets[endpoint], let further = target.further,
        let leader = targets[further.of], isLost(leader),
        // Once listed it stays so, while no other address answers either.
        !isLost(target) || further.standsIn
      else { continue }
      let other = standIns[further.of]
      if other.map({ Rank(target, isLost: isLost(target)) < Rank($0, isLost: isLost($0)) }) ?? true {
        standIns[further.of] = target
      }
    }
    for endpoint in concerned {
      guard let further = targets[endpoint]?.further else { continue }
      let standsIn = standIns[further.of]?.endpoint == endpoint
      if standsIn != further.standsIn { targets[endpoint]?.further?.standsIn = standsIn }
    }
  }

  /// Tells which machines show the process of another one, each once in `settling` at most.
  private mutating func noteSharing(among concerned: [Endpoint]) -> [InventoryEvent] {
    var families: [ProcessIdentity: [Target]] = [:]
    for endpoint in concerned {
      guard let target = targets[endpoint], target.further == nil, let identity = ProcessIdentity(target.sighting)
      else {
        continue
      }
      families[identity, default: []].append(target)
    }
    let before = sharing
    sharing = []
    var events: [InventoryEvent] = []
    for family in families.values where family.count > 1 {
      guard let first = family.min(by: { Rank($0) < Rank($1) }) else { continue }
      for target in family where target.endpoint != first.endpoint {
        sharing.insert(target.endpoint)
        guard !before.contains(target.endpoint), toldSharing[target.endpoint] == nil else { continue }
        toldSharing[target.endpoint] = watchedUntil
        events.append(.shared(target, with: first.endpoint))
      }
    }
    return sorted(events)
  }
}

extension Further {
  /// The first, where only that one is listed.
  fileprivate var listedBeside: Endpoint? { standsIn ? nil : of }
}
