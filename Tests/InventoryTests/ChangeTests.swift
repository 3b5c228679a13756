import Addressing
import Exporters
import Testing

@testable import Inventory

private func known(_ sighting: Sighting = node) -> JobInventory {
  var inventory = JobInventory(removal: .after(.seconds(86_400)))
  _ = inventory.absorb(.seeing(1, 2, 3, 4, as: sighting), now: at(0))
  return inventory
}

@Suite struct RefusedTargets {
  private func refusing(_ hosts: UInt32..., isComplete: Bool = true) -> ScanReport {
    ScanReport(
      refused: Dictionary(uniqueKeysWithValues: hosts.map { (endpoint($0), "may be a printer") }),
      isComplete: isComplete)
  }

  @Test(arguments: [true, false])
  func leaveAtOnceWithTheirReason(isComplete: Bool) throws {
    var inventory = known()
    let target = try #require(inventory.targets[endpoint(1)])
    let events = inventory.absorb(refusing(1, 9, isComplete: isComplete), now: at(60))
    #expect(events == [.gone(target, .refused("may be a printer"))])
    #expect(inventory.targets[endpoint(1)] == nil)
    #expect(inventory.targets.count == 3)
    // Nobody takes it over again from the target file.
    #expect(inventory.departed == [endpoint(1)])
  }

  @Test func leaveThoughTheyAreHeld() throws {
    var inventory = known()
    _ = inventory.absorb(.missing(1, 2, 3), now: at(60))
    #expect(!inventory.holds.isEmpty)
    let target = try #require(inventory.targets[endpoint(1)])
    #expect(inventory.isHeld(target))
    let events = inventory.absorb(refusing(1), now: at(120))
    #expect(events.contains(.gone(target, .refused("may be a printer"))))
    #expect(inventory.targets[endpoint(1)] == nil)
  }

  /// Something in between answers for them: as much silence would be a hold.
  @Test func manyAtOnceAreMissedInstead() {
    var inventory = known()
    let events = inventory.absorb(refusing(1, 2, 3), now: at(60))
    #expect(inventory.targets.count == 4)
    #expect(inventory.silentCount == 3)
    #expect(events.contains { if case .holdBegun = $0 { true } else { false } })
    #expect(events.allSatisfy { if case .gone = $0 { false } else { true } })
    #expect(inventory.silence(1)?.reason == "may be a printer")
  }

  /// Nobody has ever seen an exporter there.
  @Test func whatHasProvenNothingLeavesHoweverMany() {
    var inventory = JobInventory(removal: .after(.seconds(86_400)))
    let adopted = (1...4 as ClosedRange<UInt32>).map { (endpoint($0), Sighting(exporter: "node_exporter")) }
    inventory.adopt(Dictionary(uniqueKeysWithValues: adopted), now: at(0))
    #expect(inventory.absorb(refusing(1, 2, 3), now: at(60)).count == 3)
    #expect(inventory.targets.keys.sorted() == [endpoint(4)])
  }

  @Test func mayComeBack() {
    var inventory = known()
    _ = inventory.absorb(refusing(1), now: at(60))
    let events = inventory.absorb(.seeing(1), now: at(120))
    #expect(events.count == 1)
    #expect(inventory.state(1) == .up)
  }
}

/// Two machines behind one address, which answer by turns.
@Suite struct FlappingIdentities {
  private let other = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-02")

  @Test func theFirstChangeIsTakenAtOnce() {
    var inventory = known()
    #expect(inventory.absorb(.seeing(1, as: other), now: at(60)).count == 2)
    #expect(inventory.targets[endpoint(1)]?.sighting == other)
  }

  @Test func thenOneAnHourAtMost() {
    var inventory = known()
    var changes = 0
    for scan in 1...(24 * 60) {
      let sighting = scan.isMultiple(of: 2) ? node : other
      let events = inventory.absorb(.seeing(1, as: sighting), now: at(60 * scan))
      changes += events.count { if case .new = $0 { true } else { false } }
    }
    #expect((20...24).contains(changes))
    #expect(inventory.silentCount == 0)
  }

  @Test func whatStaysIsTakenAfterTheHour() {
    var inventory = known()
    _ = inventory.absorb(.seeing(1, as: other), now: at(60))
    #expect(inventory.absorb(.seeing(1, as: node), now: at(120)) == [])
    #expect(inventory.absorb(.seeing(1, as: node), now: at(60 + 3_599)) == [])
    #expect(inventory.targets[endpoint(1)]?.sighting == other)
    #expect(inventory.absorb(.seeing(1, as: node), now: at(60 + 3_600)).count == 2)
    #expect(inventory.targets[endpoint(1)]?.sighting == node)
  }

  /// Whoever answers, it answers.
  @Test func whatIsNotTakenIsNoSilence() {
    var inventory = known()
    _ = inventory.absorb(.seeing(1, as: other), now: at(60))
    _ = inventory.absorb(.missing(1), now: at(120))
    #expect(inventory.absorb(.seeing(1, as: node), now: at(180)).count == 1)
    #expect(inventory.state(1) == .up)
    #expect(inventory.targets[endpoint(1)]?.sighting == other)
  }

  @Test func theOthersAreNotConcerned() {
    var inventory = known()
    _ = inventory.absorb(.seeing(1, as: other), now: at(60))
    #expect(inventory.absorb(.seeing(2, as: other), now: at(120)).count == 2)
  }
}

@Suite struct FlappingVersions {
  private func version(_ version: String?) -> Sighting {
    Sighting(exporter: "node_exporter", version: version, nodename: "web-01")
  }

  @Test func anUpgradeIsTakenAtOnceAndFlappingOnceAnHour() {
    var inventory = known(version("1.5.0"))
    var (changes, last) = (0, "1.5.0" as String?)
    for scan in 1...(24 * 60) {
      let sighting = version(scan.isMultiple(of: 2) ? "1.5.0" : "1.9.1")
      #expect(inventory.absorb(.seeing(1, as: sighting), now: at(60 * scan)) == [])
      let now = inventory.targets[endpoint(1)]?.sighting.version
      if scan == 1 { #expect(now == "1.9.1") }
      if now != last { changes += 1 }
      last = now
    }
    #expect((20...24).contains(changes))
  }

  @Test func whatIsNotToldIsNoChange() {
    var inventory = known(version("1.5.0"))
    for scan in 1...10 { _ = inventory.absorb(.seeing(1, as: version(nil)), now: at(60 * scan)) }
    #expect(inventory.absorb(.seeing(1, as: version("1.6.0")), now: at(660)) == [])
    #expect(inventory.targets[endpoint(1)]?.sighting.version == "1.6.0")
  }

  @Test func whatIsToldForTheFirstTimeIsTaken() {
    var inventory = known(version(nil))
    _ = inventory.absorb(.seeing(1, as: version("1.5.0")), now: at(60))
    _ = inventory.absorb(.seeing(1, as: version("1.6.0")), now: at(120))
    #expect(inventory.targets[endpoint(1)]?.sighting.version == "1.6.0")
  }
}

@Suite struct Addresses {
  @Test func moreIsKnownOfATarget() {
    var inventory = known()
    #expect(inventory.absorb(.seeing(1), now: at(60)) == [])
    var sighting = node
    (sighting.scheme, sighting.metricsPath) = (.https, "/stats/prometheus")
    let before = inventory.revision
    #expect(inventory.absorb(.seeing(1, as: sighting), now: at(120)) == [])
    #expect(inventory.targets[endpoint(1)]?.sighting == sighting)
    #expect(inventory.revision > before)
  }
}

@Suite struct HostNames {
  private let addresses = (1...4 as ClosedRange<UInt32>).map { endpoint($0).address }

  @Test func areTakenAndKept() {
    var inventory = known()
    #expect(inventory.name([addresses[0]: "a.example", addresses[1]: "b.example"]) == true)
    #expect(inventory.targets[endpoint(1)]?.hostname == "a.example")
    // Nothing is said of the first: what was known still holds.
    #expect(inventory.name([addresses[1]: "b.example"]) == false)
    #expect(inventory.name([:]) == false)
    #expect(inventory.targets[endpoint(1)]?.hostname == "a.example")
    _ = inventory.absorb(.missing(1), now: at(60))
    _ = inventory.absorb(.seeing(1), now: at(120))
    #expect(inventory.targets[endpoint(1)]?.hostname == "a.example")
  }

  @Test func anAddressMayLoseItsName() {
    var inventory = known()
    #expect(inventory.name([addresses[0]: nil]) == false)
    _ = inventory.name([addresses[0]: "a.example"])
    let before = inventory.revision
    #expect(inventory.name([addresses[0]: nil]) == true)
    #expect(inventory.targets[endpoint(1)]?.hostname == nil)
    #expect(inventory.revision > before)
  }

  @Test func allPortsOfAnAddressHaveIt() {
    var inventory = known()
    let other = Endpoint(address: addresses[0], port: 9_182)
    _ = inventory.absorb(ScanReport(seen: [other: node], isComplete: true), now: at(60))
    _ = inventory.name([addresses[0]: "a.example", .v4(1): "nobody.example"])
    #expect(inventory.targets[other]?.hostname == "a.example")
    #expect(inventory.targets[endpoint(1)]?.hostname == "a.example")
    #expect(inventory.targets.count == 5)
  }

  /// Until the DNS is asked again, nobody knows whose name it was.
  @Test func anotherMachineInheritsNone() {
    var inventory = known()
    _ = inventory.name([addresses[0]: "a.example"])
    let other = Sighting(exporter: "node_exporter", nodename: "web-02")
    _ = inventory.absorb(.seeing(1, as: other), now: at(60))
    #expect(inventory.targets[endpoint(1)]?.hostname == nil)
  }
}
