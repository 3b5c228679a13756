import Addressing
import Testing

@testable import Inventory

/// One host that answers at each address of a range.
@Suite struct Excesses {
  private let policy = Policy(removal: .after(.seconds(86_400)))
  private let most = JobInventory.maxOfMachine

  /// Endpoints of one /112.
  private func range(_ numbers: Range<Int>) -> [Endpoint] {
    numbers.map { Endpoint(address: .v6(0x2001_0db8 << 96 + UInt128($0)), port: 9100) }
  }

  private func process(_ name: String, since: Double = 1_000.25) -> Sighting {
    Sighting(exporter: "node_exporter", version: "1.5.0", nodename: name, startTime: since)
  }

  private func report(_ endpoints: [Endpoint], _ sighting: (Int) -> Sighting) -> ScanReport {
    let seen = endpoints.enumerated().map { ($0.element, sighting($0.offset)) }
    return ScanReport(seen: Dictionary(uniqueKeysWithValues: seen), isComplete: true)
  }

  private func crowds(_ events: [InventoryEvent]) -> [Excess] {
    events.compactMap { if case .crowded(let excess) = $0 { excess } else { nil } }
  }

  @Test func oneHostDoesNotFillTheList() throws {
    var inventory = JobInventory(policy: policy)
    let all = range(0..<65_536)
    let first = inventory.absorb(report(all) { _ in process("rogue") }, now: at(0))
    #expect(Set(inventory.targets.keys) == Set(range(0..<most)))
    #expect(first.count == most + most - 1 + 1)
    let excess = try #require(crowds(first).first)
    #expect((excess.nodename, excess.count) == ("rogue", 65_536 - most))
    #expect(excess.endpoints == range(most..<most + 1_000))
    #expect(inventory.excess == [excess])
    // It goes on, also over restarts of its process, and is told no more.
    for scan in 1...90 {
      let again = inventory.absorb(report(all) { _ in process("rogue", since: Double(scan)) }, now: at(60 * scan))
      #expect(again == [])
      #expect(inventory.targets.count == most)
    }
    #expect(inventory.excess.map(\.count) == [65_536 - most])
    // It was over for an hour, and begins again.
    #expect(inventory.absorb(report(range(0..<most)) { _ in process("rogue", since: 90) }, now: at(6_000)) == [])
    #expect(inventory.excess == [])
    let anew = inventory.absorb(report(all) { _ in process("rogue", since: 90) }, now: at(9_100))
    #expect(crowds(anew).count == 1)
  }

  @Test func whatIsATargetStaysOne() {
    var inventory = JobInventory(policy: policy)
    let all = range(0..<2_000)
    #expect(inventory.absorb(report(all) { process("host-\($0)") }, now: at(0)).count == 2_000)
    // All of them go on as one process: it may be one host, but what was listed is not dropped for it.
    _ = inventory.absorb(report(all) { _ in process("rogue") }, now: at(60))
    #expect(inventory.targets.count == 2_000)
    #expect(inventory.excess == [])
    let more = inventory.absorb(report(range(0..<2_010)) { _ in process("rogue") }, now: at(120))
    #expect(crowds(more).map(\.count) == [10])
    #expect(inventory.targets.count == 2_000)
  }

  /// A fleet of 10,000 in a /16, of which each says its own name, or none, or all the same with times of their own.
  @Test(arguments: ["host", nil, "localhost"])
  func aLargeFleetIsListed(name: String?) {
    var inventory = JobInventory(policy: policy)
    let all = (0..<10_000).map { endpoint(UInt32($0)) }
    let fleet = report(all) { number in
      Sighting(
        exporter: "node_exporter", nodename: name == "host" ? "host-\(number)" : name,
        startTime: name == "localhost" ? Double(number) : 7)
    }
    #expect(inventory.absorb(fleet, now: at(0)).count == 10_000)
    #expect(inventory.targets.count == 10_000)
  }

  /// A rogue shows a machine's process at its two thousand addresses before the daemon has seen the machine.
  @Test func whoIsElsewhereIsListedBesideAnyCrowd() {
    var inventory = JobInventory(policy: policy)
    let rogue = range(0..<2_000)
    _ = inventory.absorb(report(rogue) { _ in process("victim") }, now: at(0))
    _ = inventory.absorb(report(rogue + [endpoint(1), endpoint(300)]) { _ in process("victim") }, now: at(60))
    #expect(inventory.targets[endpoint(1)] != nil)
    #expect(inventory.targets[endpoint(300)] != nil)
    #expect(inventory.targets.count == most + 2)
  }

  @Test func namesThatAreMadeUpAreNotToldWithoutEnd() {
    var inventory = JobInventory(policy: policy)
    var told = 0
    for scan in 0..<60 {
      let events = inventory.absorb(
        report(range(scan * 1_100..<(scan + 1) * 1_100)) { _ in process("rogue-\(scan)") }, now: at(60 * scan))
      told += crowds(events).count
    }
    #expect(told == 16)
  }

  @Test func theSameScanListsTheSame() {
    let all = range(0..<1_500)
    var (one, other) = (JobInventory(policy: policy), JobInventory(policy: policy))
    var reversed = ScanReport(isComplete: true)
    reversed.seen.reserveCapacity(9_000)
    for endpoint in all.reversed() { reversed.seen[endpoint] = process("rogue") }
    #expect(one.absorb(report(all) { _ in process("rogue") }, now: at(0)) == other.absorb(reversed, now: at(0)))
    #expect(one.targets == other.targets)
    #expect(one.excess == other.excess)
  }
}
