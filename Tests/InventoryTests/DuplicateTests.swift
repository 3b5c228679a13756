import Addressing
import Testing

@testable import Inventory

/// What a machine's process says at each of its addresses.
private func machine(_ name: String, since: Double = 1_000.25) -> Sighting {
  Sighting(exporter: "node_exporter", version: "1.5.0", nodename: name, startTime: since)
}

private func report(_ seen: [UInt32: Sighting], missed: [UInt32] = []) -> ScanReport {
  let seen = seen.map { (endpoint($0.key), $0.value) }
  return ScanReport(
    seen: Dictionary(uniqueKeysWithValues: seen),
    missed: Dictionary(uniqueKeysWithValues: missed.map { (endpoint($0), "no answer") }), isComplete: true)
}

private func inventory(_ seen: [UInt32: Sighting], first: Bool = false) -> (JobInventory, [InventoryEvent]) {
  var inventory = JobInventory(
    policy: Policy(removal: .after(.seconds(86_400)), maxLossPercent: 100, listsFirstOnly: first))
  let events = inventory.absorb(report(seen), now: at(0))
  return (inventory, events)
}

extension JobInventory {
  fileprivate var listedHosts: [Endpoint] { listed.map(\.endpoint).sorted() }

  fileprivate func original(_ host: UInt32) -> Endpoint? { targets[endpoint(host)]?.duplicateOf }
}

@Suite struct Duplicates {
  @Test func oneProcessAtSeveralAddressesIsToldOnce() throws {
    var (inventory, events) = inventory([3: machine("a"), 1: machine("a"), 2: machine("a"), 4: machine("b")])
    let duplicates = try [2, 3].map { try #require(inventory.targets[endpoint($0)]) }
    #expect(events.suffix(2) == duplicates.map { .duplicate($0, of: endpoint(1)) })
    #expect(inventory.original(1) == nil)
    #expect(inventory.original(4) == nil)
    let again = inventory.absorb(
      report([3: machine("a"), 1: machine("a"), 2: machine("a"), 4: machine("b")]), now: at(60))
    #expect(again == [])
  }

  @Test func allAreListedUnlessThePolicyListsTheFirstAlone() {
    let seen: [UInt32: Sighting] = [1: machine("a"), 2: machine("a"), 3: machine("b")]
    #expect(inventory(seen).0.listedHosts == [1, 2, 3].map(endpoint))
    #expect(inventory(seen, first: true).0.listedHosts == [1, 3].map(endpoint))
  }

  @Test(
    arguments: [
      (machine("a"), machine("b")), (machine("a"), machine("a", since: 1_000.26)),
      (Sighting(exporter: "node_exporter", startTime: 1), Sighting(exporter: "node_exporter", startTime: 1)),
      (Sighting(exporter: "node_exporter", nodename: "a"), Sighting(exporter: "node_exporter", nodename: "a")),
      (machine("a"), Sighting(exporter: "other", nodename: "a", startTime: 1_000.25)),
    ])
  func whatMayBeTwoIsTwo(one: Sighting, other: Sighting) {
    let (inventory, events) = inventory([1: one, 2: other], first: true)
    #expect(events.count == 2)
    #expect(inventory.listed.count == 2)
  }

  @Test func whoWasFoundFirstStaysTheFirst() {
    var (inventory, _) = inventory([7: machine("a")], first: true)
    _ = inventory.absorb(report([7: machine("a"), 2: machine("a")]), now: at(60))
    #expect(inventory.original(2) == endpoint(7))
    #expect(inventory.listedHosts == [endpoint(7)])
  }

  /// A lost packet or two must not change who is listed; a dead interface must.
  @Test func anotherAddressStandsInWhenTheFirstIsLost() throws {
    let both = [1: machine("a"), 2: machine("a")] as [UInt32: Sighting]
    var (inventory, _) = inventory(both, first: true)
    for scan in 1...2 {
      #expect(inventory.absorb(report([2: machine("a")], missed: [1]), now: at(60 * scan)).count == (scan == 1 ? 1 : 0))
    }
    #expect(inventory.listedHosts == [endpoint(1)])
    let events = inventory.absorb(report([2: machine("a")], missed: [1]), now: at(180))
    let found = try #require(inventory.targets[endpoint(2)])
    #expect(events == [.distinct(found, standingInFor: endpoint(1))])
    // The lost one as well, so that `up == 0` fires.
    #expect(inventory.listedHosts == [1, 2].map(endpoint))
    let back = inventory.absorb(report(both), now: at(240))
    #expect(back.contains(.duplicate(try #require(inventory.targets[endpoint(2)]), of: endpoint(1))))
    #expect(inventory.listedHosts == [endpoint(1)])
  }

  /// A switch dies: its address is held, and the other one is listed. The uplink dies: nobody changes places.
  @Test func anOutageOfSomeChangesTheFirstAndOneOfAllDoesNot() {
    var inventory = JobInventory(policy: Policy(removal: .never, listsFirstOnly: true))
    let other = Endpoint(address: .v4(0x0A00_0101), port: 9100)
    var seen = [other: machine("a")]
    for host in 1...4 as ClosedRange<UInt32> { seen[endpoint(host)] = machine(host == 1 ? "a" : "other-\(host)") }
    for host in 2...60 as ClosedRange<UInt32> {
      seen[Endpoint(address: .v4(0x0A00_0100 + host), port: 9100)] = machine("far-\(host)")
    }
    _ = inventory.absorb(ScanReport(seen: seen, isComplete: true), now: at(0))
    #expect(inventory.original(1) == nil)
    let none = seen.mapValues { _ in "no answer" }
    for scan in 1...5 {
      _ = inventory.absorb(ScanReport(missed: none, isComplete: true), now: at(60 * scan))
      #expect(inventory.targets[other]?.duplicateOf == endpoint(1))
    }
    _ = inventory.absorb(ScanReport(seen: seen, isComplete: true), now: at(360))
    let near = [1, 2, 3, 4].map(endpoint)
    _ = inventory.absorb(
      ScanReport(
        seen: seen.filter { !near.contains($0.key) },
        missed: Dictionary(uniqueKeysWithValues: near.map { ($0, "no answer") }), isComplete: true), now: at(420))
    #expect(inventory.holds.count == 1)
    #expect(inventory.targets[other]?.duplicateOf == nil)
    #expect(inventory.targets[other]?.further?.standsIn == true)
    #expect(inventory.original(1) == nil)
  }

  @Test func aRestartOfTheProcessIsOneMachineStill() {
    let both = [1: machine("a"), 2: machine("a")] as [UInt32: Sighting]
    var (inventory, _) = inventory(both, first: true)
    let events = inventory.absorb(report([1: machine("a", since: 2_000), 2: machine("a", since: 2_000)]), now: at(60))
    #expect(events == [])
    #expect(inventory.listedHosts == [endpoint(1)])
  }

  /// The one is asked before the process begins anew, and the other after; or it is missed by that scan.
  @Test(arguments: [1, 2] as [UInt32], [false, true])
  func aRestartWithinAScanListsNoOther(late: UInt32, isMissed: Bool) throws {
    let both = [1: machine("a"), 2: machine("a")] as [UInt32: Sighting]
    var (inventory, _) = inventory(both, first: true)
    for restart in 1...5 {
      let after = both.mapValues { _ in machine("a", since: 2_000 + Double(restart)) }
      var during = after
      during[late] = isMissed ? nil : machine("a", since: restart == 1 ? 1_000.25 : 1_999 + Double(restart))
      let events = inventory.absorb(report(during, missed: isMissed ? [late] : []), now: at(120 * restart))
      #expect(events.count == (isMissed ? 1 : 0))
      #expect(inventory.listedHosts == [endpoint(1)])
      #expect(inventory.absorb(report(after), now: at(120 * restart + 60)).count == (isMissed ? 1 : 0))
      #expect(inventory.listedHosts == [endpoint(1)])
    }
  }

  /// Clones share their name: an address that goes from the one to the other is a machine of its own.
  @Test func whoGoesOnAsAnotherProcessIsAnotherMachine() throws {
    var (inventory, _) = inventory([1: machine("a"), 2: machine("a"), 3: machine("a")], first: true)
    let seen = [1: machine("a"), 2: machine("a", since: 5), 3: machine("a", since: 5)] as [UInt32: Sighting]
    #expect(inventory.absorb(report(seen), now: at(60)) == [])
    let events = inventory.absorb(report(seen), now: at(120))
    #expect(events == [.distinct(try #require(inventory.targets[endpoint(2)]), standingInFor: nil)])
    #expect(inventory.listedHosts == [1, 2].map(endpoint))
    #expect(inventory.original(3) == endpoint(2))
    #expect(inventory.absorb(report(seen), now: at(180)) == [])
  }

  @Test func whoIsNoDuplicateAnyMoreIsListedAgain() throws {
    var (inventory, _) = inventory([1: machine("a"), 2: machine("a")], first: true)
    let events = inventory.absorb(report([1: machine("a"), 2: machine("b", since: 5)]), now: at(60))
    #expect(events.count == 2)
    #expect(inventory.listedHosts == [1, 2].map(endpoint))
    let kept = try #require(EndpointSet(addresses: AddressSet(try AddressRange("10.0.0.2").all), ports: [9100]))
    #expect(inventory.takeOut(except: kept).map(\.endpoint) == [endpoint(1)])
  }

  @Test func whenTheFirstLeavesTheNextOneIsListed() throws {
    let three = [1: machine("a"), 2: machine("a"), 3: machine("a")] as [UInt32: Sighting]
    var (inventory, _) = inventory(three, first: true)
    let kept = try #require(EndpointSet(addresses: AddressSet(try AddressRange("10.0.0.2-9").all), ports: [9100]))
    _ = inventory.takeOut(except: kept)
    let events = inventory.adjust(to: inventory.policy)
    #expect(events == [.distinct(try #require(inventory.targets[endpoint(2)]), standingInFor: nil)])
    #expect(inventory.listedHosts == [endpoint(2)])
    #expect(inventory.original(3) == endpoint(2))
  }
}
