import Addressing
import Testing

@testable import Inventory

/// Hosts 1 to `count` of 10.0.0.0/24 and as many of 10.0.1.0/24, all up at 0 and scanned each minute.
private struct Fleet {
  var inventory: JobInventory
  let all: [Endpoint]
  var minute = 0
  /// Everything that happened, but for targets that are new.
  var events: [InventoryEvent] = []

  init(_ count: UInt32 = 20, _ policy: Policy = Policy(removal: .after(.seconds(600)))) {
    inventory = JobInventory(policy: policy)
    all = [0x0A00_0000, 0x0A00_0100].flatMap { net in
      (1...count).map { Endpoint(address: .v4(net + $0), port: 9100) }
    }
    scan(silent: [])
    events = []
  }

  static func first(_ hosts: ClosedRange<UInt32>) -> Set<Endpoint> { Set(hosts.map(endpoint)) }

  static func second(_ hosts: ClosedRange<UInt32>) -> Set<Endpoint> {
    Set(hosts.map { Endpoint(address: .v4(0x0A00_0100 + $0), port: 9100) })
  }

  /// `count` scans in which these are silent.
  mutating func scan(_ count: Int = 1, silent: Set<Endpoint>, isComplete: Bool = true) {
    for _ in 0..<count {
      let seen = all.filter { !silent.contains($0) }.map { ($0, node) }
      let missed = silent.map { ($0, "no answer") }
      let report = ScanReport(
        seen: Dictionary(uniqueKeysWithValues: seen), missed: Dictionary(uniqueKeysWithValues: missed),
        isComplete: isComplete)
      events += inventory.absorb(report, now: at(60 * minute))
      minute += 1
    }
  }

  var begun: [Hold] { events.compactMap { if case .holdBegun(let hold) = $0 { hold } else { nil } } }
  var ended: [HoldEnd] { events.compactMap { if case .holdEnded(_, let end) = $0 { end } else { nil } } }
  var gone: Int { events.count { if case .gone = $0 { true } else { false } } }
  var silent: Int { events.count { if case .silent = $0 { true } else { false } } }
  var back: Int { events.count { if case .back = $0 { true } else { false } } }
}

@Suite struct Holds {
  @Test func aLossIsHeldForAsLongAsItLasts() {
    var fleet = Fleet()
    fleet.scan(100, silent: Fleet.first(1...6).union(Fleet.second(1...6)))
    #expect(fleet.begun.map(\.scope) == [.job])
    #expect(fleet.begun.map(\.silent) == [12])
    #expect(fleet.begun.map(\.total) == [40])
    #expect(fleet.gone == 0)
    #expect(fleet.silent == 12)
    #expect(fleet.inventory.targets.count == 40)
    #expect(fleet.inventory.targets.values.filter(fleet.inventory.isHeld).count == 12)
  }

  @Test(
    arguments: [
      // Of 40 in the job and 20 in a prefix, at 15 %: more than 6, more than 3, and never fewer than 3.
      (2, 0, []), (3, 0, []), (4, 0, [Hold.Scope.prefix(Prefix(containing: .v4(0x0A00_0000), length: 24))]),
      (3, 3, []), (4, 2, [.prefix(Prefix(containing: .v4(0x0A00_0000), length: 24))]), (4, 3, [.job]), (20, 0, [.job]),
      (4, 4, [.job]),
    ] as [(UInt32, UInt32, [Hold.Scope])])
  func whatIsMoreThanMaxLoss(first: UInt32, second: UInt32, scopes: [Hold.Scope]) {
    var fleet = Fleet()
    var silent = Fleet.first(1...max(first, 1))
    if second > 0 { silent.formUnion(Fleet.second(1...second)) }
    fleet.scan(silent: silent)
    #expect(fleet.begun.map(\.scope) == scopes)
  }

  @Test func fewerThanThreeAreNoLoss() {
    var fleet = Fleet(1, Policy(removal: .after(.seconds(600)), maxLossPercent: 0))
    fleet.scan(20, silent: Set(fleet.all))
    #expect(fleet.begun == [])
    #expect(fleet.gone == 2)
  }

  @Test func aDeadSwitchHoldsItsPrefixAlone() {
    // 40 of 400: no loss of the job.
    var fleet = Fleet(200)
    let switched = Fleet.first(1...40)
    let dead = Fleet.second(7...7)
    fleet.scan(20, silent: switched.union(dead))
    #expect(fleet.begun.map(\.scope) == [.prefix(Prefix(containing: .v4(0x0A00_0000), length: 24))])
    #expect(fleet.gone == 1)
    #expect(Set(fleet.inventory.targets.keys) == Set(fleet.all).subtracting(dead))
  }

  @Test func enoughThatAreBackEndItAndTheTimeDoesNotCount() {
    var fleet = Fleet()
    let dead = Fleet.first(1...2)
    fleet.scan(30, silent: Fleet.first(1...20))
    fleet.scan(11, silent: dead)
    #expect(fleet.ended == [.recovered])
    #expect(fleet.back == 18)
    // Ten minutes from the first scan after the hold: at the scan that ends it, nothing counted.
    #expect(fleet.gone == 2)
    #expect(fleet.inventory.targets.count == 38)
    let departures = fleet.events.compactMap { if case .gone(_, let why) = $0 { why } else { nil } }
    #expect(departures.allSatisfy { $0 == .silent(for: .seconds(600), missedScans: 40) })
  }

  @Test func timeBeforeAHoldCountsAgainAfterIt() {
    var fleet = Fleet()
    let dead = Fleet.first(1...1)
    // Five minutes alone, an hour in a hold, and the other five minutes.
    fleet.scan(6, silent: dead)
    fleet.scan(60, silent: Fleet.first(1...20))
    #expect(fleet.gone == 0)
    fleet.scan(4, silent: dead)
    #expect(fleet.gone == 0)
    fleet.scan(1, silent: dead)
    #expect(fleet.gone == 1)
  }

  @Test func releaseLetsTheTimeCount() {
    var fleet = Fleet()
    let dead = Fleet.first(1...20)
    fleet.scan(30, silent: dead)
    fleet.events = fleet.inventory.release(.job, by: 1_000)
    #expect(fleet.ended == [.released(by: 1_000)])
    #expect(fleet.gone == 20)
    #expect(Set(fleet.inventory.targets.keys) == Set(fleet.all).subtracting(dead))
    #expect(fleet.inventory.holds == [])
    #expect(fleet.inventory.release(.job, by: 0) == [])
  }

  @Test func whoIsNotDueAtTheReleaseLeavesInTime() {
    var fleet = Fleet()
    let dead = Fleet.first(1...20)
    fleet.scan(6, silent: dead)
    fleet.events = fleet.inventory.release(.job, by: 0)
    #expect(fleet.gone == 0)
    fleet.scan(4, silent: dead)
    #expect(fleet.gone == 0)
    #expect(fleet.begun == [], "what is known to be gone is no loss")
    fleet.scan(1, silent: dead)
    #expect(fleet.gone == 20)
  }

  @Test func aLossAfterAReleaseIsALossAgain() {
    var fleet = Fleet()
    fleet.scan(3, silent: Fleet.first(1...10))
    _ = fleet.inventory.release(.job, by: 0)
    fleet.events = []
    fleet.scan(1, silent: Fleet.first(1...10).union(Fleet.second(1...4)))
    #expect(fleet.begun.map(\.scope) == [.prefix(Prefix(containing: .v4(0x0A00_0100), length: 24))])
    fleet.scan(1, silent: Fleet.first(1...10).union(Fleet.second(1...6)))
    // Six of the thirty that nobody gave up.
    #expect(fleet.begun.last?.scope == .job)
    #expect(fleet.begun.last?.total == 30)
  }

  @Test func whoComesBackAfterAReleaseIsATargetLikeAnyOther() {
    var fleet = Fleet()
    fleet.scan(6, silent: Fleet.first(1...20))
    _ = fleet.inventory.release(.job, by: 0)
    fleet.scan(1, silent: [])
    fleet.events = []
    fleet.scan(30, silent: Fleet.first(1...20))
    #expect(fleet.begun.map(\.scope) == [.job])
    #expect(fleet.gone == 0)
  }

  @Test func holdLimitGivesWay() {
    var fleet = Fleet(20, Policy(removal: .after(.seconds(600)), holdLimit: .seconds(3_600)))
    let dead = Fleet.first(1...20)
    fleet.scan(60, silent: dead)
    #expect(fleet.gone == 0)
    fleet.scan(1, silent: dead)
    #expect(fleet.ended == [.limit])
    #expect(fleet.gone == 20)
    fleet.scan(10, silent: [])
    #expect(fleet.begun.count == 1)
  }

  /// Six of forty are what may be lost, and four of them what ends a hold of more.
  @Test func oneThatComesAndGoesNeitherEndsNorBeginsIt() {
    var fleet = Fleet(20, Policy(removal: .after(.seconds(600)), groupBy: 0))
    for scan in 0..<20 { fleet.scan(1, silent: Fleet.first(1...(scan.isMultiple(of: 2) ? 7 : 6))) }
    fleet.scan(1, silent: Fleet.first(1...5))
    #expect(fleet.begun.count == 1)
    #expect(fleet.ended == [])
    fleet.scan(1, silent: Fleet.first(1...4))
    #expect(fleet.ended == [.recovered])
    fleet.scan(1, silent: Fleet.first(1...6))
    #expect(fleet.begun.count == 1)
  }

  @Test func oneOfSeveralHoldsCanBeReleased() {
    // 29 of 200 in each prefix are 14.5 %, 31 are more than 15 %; 31 and 29 of 400 are 15 %.
    var fleet = Fleet(200)
    let (first, second) = (
      Prefix(containing: .v4(0x0A00_0000), length: 24), Prefix(containing: .v4(0x0A00_0100), length: 24)
    )
    fleet.scan(1, silent: Fleet.first(1...31))
    // The second grows while the first is at the two thirds that keep it.
    fleet.scan(20, silent: Fleet.first(1...28).union(Fleet.second(1...31)))
    #expect(fleet.begun.map(\.scope) == [.prefix(first), .prefix(second)])
    fleet.events = fleet.inventory.release(.prefix(second), by: 0)
    #expect(fleet.ended == [.released(by: 0)])
    #expect(fleet.gone == 31)
    #expect(fleet.inventory.holds.map(\.scope) == [.prefix(first)])
    #expect(fleet.inventory.release(.prefix(second), by: 0) == [])
    #expect(fleet.inventory.targets.count == 369)
  }

  @Test func aHoldWithoutALimitLasts() {
    var fleet = Fleet(20, Policy(removal: .after(.zero), holdLimit: nil))
    fleet.scan(5_000, silent: Fleet.first(1...20))
    #expect(fleet.gone == 0)
  }

  @Test func zeroIsHeldAsWell() {
    var fleet = Fleet(20, Policy(removal: .after(.zero)))
    fleet.scan(1, silent: Fleet.first(1...20))
    #expect(fleet.gone == 0)
    fleet.scan(1, silent: Fleet.first(1...1))
    #expect(fleet.ended == [.recovered])
    #expect(fleet.gone == 1)
  }

  @Test func wholeLossMayBeAllowed() {
    var fleet = Fleet(20, Policy(removal: .after(.seconds(600)), maxLossPercent: 100))
    fleet.scan(10, silent: Set(fleet.all))
    #expect(fleet.begun == [])
    #expect(fleet.gone == 0)
    fleet.scan(1, silent: Set(fleet.all))
    #expect(fleet.gone == 40)
  }

  @Test func anIncompleteScanAgesNoHold() {
    var fleet = Fleet(20, Policy(removal: .after(.seconds(600)), holdLimit: .seconds(3_600)))
    fleet.scan(1, silent: Fleet.first(1...20))
    fleet.scan(1_000, silent: Fleet.first(1...20), isComplete: false)
    #expect(fleet.ended == [])
    #expect(fleet.inventory.holds.map(\.age) == [.zero])
  }

  @Test func anotherGroupingEndsHoldsOfPrefixes() {
    var fleet = Fleet(200)
    fleet.scan(2, silent: Fleet.first(1...40))
    fleet.events = fleet.inventory.adjust(to: Policy(removal: .after(.seconds(600)), groupBy: 23))
    #expect(fleet.ended == [.reconfigured])
    #expect(fleet.inventory.holds == [])
    fleet.events = []
    fleet.scan(20, silent: Fleet.first(1...40))
    #expect(fleet.begun == [], "40 of 400 are no loss of a /23")
    #expect(fleet.gone == 40)
  }
}

@Suite struct UnbelievedScans {
  @Test func nobodyIsToldToBeSilent() {
    var fleet = Fleet()
    fleet.scan(10, silent: Set(fleet.all))
    #expect(fleet.events == fleet.begun.map { .holdBegun($0) })
    #expect(fleet.begun.map(\.isTotal) == [true])
    #expect(fleet.inventory.targets.count == 40)
  }

  @Test func whenAllAreBackNothingHasHappened() {
    var fleet = Fleet()
    fleet.scan(100, silent: Set(fleet.all))
    fleet.scan(1, silent: [])
    #expect(fleet.ended == [.recovered])
    #expect(fleet.silent == 0)
    #expect(fleet.back == 0)
    #expect(fleet.gone == 0)
    #expect(fleet.inventory.silentCount == 0)
  }

  @Test func whenSomeAreBackTheOthersAreTold() {
    var fleet = Fleet()
    fleet.scan(5, silent: Set(fleet.all))
    fleet.scan(1, silent: Fleet.first(1...20))
    #expect(fleet.silent == 20)
    #expect(fleet.back == 0)
    #expect(fleet.ended == [])
    #expect(fleet.inventory.holds.map(\.silent) == [20])
    fleet.scan(1, silent: [])
    #expect(fleet.back == 20)
    #expect(fleet.ended == [.recovered])
  }

  @Test func anIncompleteScanTellsNobody() {
    var fleet = Fleet()
    fleet.scan(5, silent: Set(fleet.all))
    fleet.scan(1, silent: Fleet.first(1...20), isComplete: false)
    #expect(fleet.silent == 0)
  }

  /// However long: an uplink may be gone for weeks.
  @Test func noLimitMakesThemBelieved() {
    var fleet = Fleet(20, Policy(removal: .after(.seconds(600)), holdLimit: .seconds(3_600)))
    fleet.scan(2_000, silent: Set(fleet.all))
    #expect(fleet.ended == [])
    #expect(fleet.inventory.holds.map(\.age) == [.zero])
    #expect(fleet.inventory.targets.count == 40)
    // One machine is back: now the others are a loss like any other, from here on.
    fleet.scan(60, silent: Set(fleet.all.dropFirst()))
    #expect(fleet.gone == 0)
    fleet.scan(1, silent: Set(fleet.all.dropFirst()))
    #expect(fleet.ended == [.limit])
  }

  /// Three scans are needed that are believed.
  @Test func theyAreNoMissedScans() {
    var fleet = Fleet(20, Policy(removal: .after(.seconds(60))))
    let dead = Fleet.first(1...1)
    fleet.scan(2, silent: dead)
    fleet.inventory.completeScans = 0
    fleet.scan(50, silent: Set(fleet.all))
    fleet.scan(2, silent: dead)
    #expect(fleet.gone == 0)
    fleet.scan(1, silent: dead)
    #expect(fleet.gone == 1)
  }

  @Test func aReleaseIsAWordOnAll() {
    var fleet = Fleet()
    fleet.scan(30, silent: Set(fleet.all))
    fleet.events = fleet.inventory.release(.job, by: 0)
    #expect(fleet.silent == 40)
    #expect(fleet.ended == [.released(by: 0)])
    #expect(fleet.gone == 40)
    #expect(fleet.inventory.targets.isEmpty)
  }
}

@Suite struct Forgetting {
  @Test func aSilentTargetGoesHeldOrNot() throws {
    var fleet = Fleet()
    fleet.scan(1, silent: Fleet.first(1...20))
    let target = try #require(fleet.inventory.targets[endpoint(1)])
    #expect(fleet.inventory.forget(endpoint(1), by: 7) == .forgotten([.forgotten(target, by: 7)]))
    #expect(fleet.inventory.targets[endpoint(1)] == nil)
    #expect(fleet.inventory.departed == [endpoint(1)])
  }

  @Test func oneThatIsUpStays() {
    var fleet = Fleet()
    #expect(fleet.inventory.forget(endpoint(1), by: 0) == .isUp)
    #expect(fleet.inventory.forget(endpoint(77), by: 0) == .unknown)
    #expect(fleet.inventory.targets.count == 40)
  }

  /// A scan may be under way that knew it.
  @Test func itIsNewWhenItIsSeenAgain() {
    var fleet = Fleet()
    fleet.scan(1, silent: Fleet.first(1...1))
    _ = fleet.inventory.forget(endpoint(1), by: 0)
    fleet.events = []
    fleet.scan(1, silent: Fleet.first(1...1))
    #expect(fleet.events == [])
    fleet.scan(1, silent: [])
    #expect(fleet.events == [.new(target(1, at: 60 * (fleet.minute - 1)))])
    #expect(fleet.inventory.departed == [])
  }
}
