import Addressing
import Testing

@testable import Inventory

private let day = Removal.after(.seconds(86_400))

/// An inventory that has seen hosts 1 and 2.
private func known(_ removal: Removal = day) -> JobInventory {
  var inventory = JobInventory(removal: removal)
  _ = inventory.absorb(.seeing(1, 2), now: at(0))
  return inventory
}

@Suite struct Transitions {
  @Test func anUnknownExporterIsNew() throws {
    var inventory = JobInventory(removal: day)
    let events = inventory.absorb(.seeing(1), now: at(0))
    let target = try #require(inventory.targets[endpoint(1)])
    #expect(events == [.new(target)])
    #expect(target.sighting == node)
    #expect(target.state == .up)
    #expect(target.endpoint == endpoint(1))
  }

  @Test func seenAgainIsNoEvent() {
    var inventory = known()
    #expect(inventory.absorb(.seeing(1, 2), now: at(60)) == [])
    #expect(inventory.targets.count == 2)
  }

  @Test func aMissedTargetIsSilentAndStays() throws {
    var inventory = known()
    let events = inventory.absorb(.missing(1), now: at(60))
    let target = try #require(inventory.targets[endpoint(1)])
    #expect(events == [.silent(target, reason: "no answer")])
    #expect(target.state == .silent(silence(since: 60, missedScans: 1)))
    #expect(inventory.state(2) == .up)
    #expect(inventory.silentCount == 1)
  }

  @Test func furtherMissesAreCountedWithoutAnEvent() {
    var inventory = known()
    for scan in 1...5 {
      let events = inventory.absorb(.missing(1), now: at(60 * scan))
      #expect(events.count == (scan == 1 ? 1 : 0))
    }
    #expect(inventory.state(1) == .silent(silence(since: 60, missedScans: 5, counted: 240)))
  }

  @Test func aSilentTargetThatAnswersIsBack() throws {
    var inventory = known()
    for scan in 1...5 { _ = inventory.absorb(.missing(1), now: at(60 * scan)) }
    let events = inventory.absorb(.seeing(1), now: at(360))
    let target = try #require(inventory.targets[endpoint(1)])
    #expect(events == [.back(target, silentFor: .seconds(300))])
    #expect(target.state == .up)
    #expect(inventory.silentCount == 0)
  }

  @Test func itsNextSilenceBeginsAnew() {
    var inventory = known()
    _ = inventory.absorb(.missing(1), now: at(60))
    _ = inventory.absorb(.seeing(1), now: at(120))
    _ = inventory.absorb(.missing(1), now: at(180))
    #expect(inventory.state(1) == .silent(silence(since: 180, missedScans: 1)))
  }

  @Test func aBusyTargetIsAlive() throws {
    var inventory = known()
    #expect(inventory.absorb(.busy(1), now: at(60)) == [])
    _ = inventory.absorb(.missing(1), now: at(120))
    let events = inventory.absorb(.busy(1), now: at(180))
    #expect(events == [.back(try #require(inventory.targets[endpoint(1)]), silentFor: .seconds(60))])
    #expect(inventory.targets[endpoint(1)]?.sighting == node)
  }

  @Test func whatIsUnknownAndBusyOrMissedIsNoTarget() {
    var inventory = known()
    #expect(inventory.absorb(.busy(7), now: at(60)) == [])
    #expect(inventory.absorb(.missing(7), now: at(60)) == [])
    #expect(inventory.targets.count == 2)
  }

  @Test func whatIsNotMentionedStaysAsItIs() {
    var inventory = known()
    _ = inventory.absorb(.missing(1), now: at(60))
    #expect(inventory.absorb(ScanReport(isComplete: true), now: at(120)) == [])
    #expect(inventory.state(1) == .silent(silence(since: 60, missedScans: 1)))
    #expect(inventory.state(2) == .up)
  }

  @Test func theBestWordCounts() {
    var inventory = known()
    var report = ScanReport.missing(1, 2)
    report.seen = [endpoint(1): node]
    report.busy = [endpoint(2)]
    #expect(inventory.absorb(report, now: at(60)) == [])
    #expect(inventory.silentCount == 0)
  }

  @Test func eventsComeInTheOrderOfTheirEndpoints() {
    var inventory = JobInventory(removal: day)
    let events = inventory.absorb(.seeing(200, 3, 77, 10, 9), now: at(0))
    let order = events.compactMap { if case .new(let target) = $0 { target.endpoint } else { nil } }
    #expect(order == [3, 9, 10, 77, 200].map(endpoint))
  }
}

@Suite struct Identities {
  @Test func anotherNodenameIsAnotherTarget() throws {
    var inventory = known()
    let old = try #require(inventory.targets[endpoint(1)])
    let other = Sighting(exporter: "node_exporter", version: "1.8.0", nodename: "db-01")
    let events = inventory.absorb(.seeing(1, as: other), now: at(60))
    #expect(events == [.gone(old, .replaced(by: other)), .new(target(1, other, at: 60))])
    #expect(inventory.targets[endpoint(1)]?.sighting == other)
  }

  @Test func itInheritsNoSilence() throws {
    var inventory = known()
    _ = inventory.absorb(.missing(1), now: at(60))
    let old = try #require(inventory.targets[endpoint(1)])
    let other = Sighting(exporter: "node_exporter", nodename: "db-01")
    let events = inventory.absorb(.seeing(1, as: other), now: at(120))
    #expect(events.first == .gone(old, .replaced(by: other)))
    #expect(inventory.state(1) == .up)
    #expect(inventory.targets[endpoint(1)]?.sighting.version == nil)
  }

  @Test func whatIsNotToldIsKept() {
    var inventory = known()
    let mute = Sighting(exporter: "node_exporter")
    #expect(inventory.absorb(.seeing(1, as: mute), now: at(60)) == [])
    #expect(inventory.targets[endpoint(1)]?.sighting == node)
  }

  @Test func anUpgradeIsNoOtherTarget() {
    var inventory = known()
    let upgraded = Sighting(exporter: "node_exporter", version: "1.9.1", nodename: "web-01")
    #expect(inventory.absorb(.seeing(1, as: upgraded), now: at(60)) == [])
    #expect(inventory.targets[endpoint(1)]?.sighting == upgraded)
  }

  @Test(arguments: [
    (Sighting(exporter: "a"), Sighting(exporter: "a"), false),
    (Sighting(exporter: "a"), Sighting(exporter: "b"), true),
    (Sighting(exporter: "a", nodename: "x"), Sighting(exporter: "b", nodename: "x"), true),
    (Sighting(exporter: "a", nodename: "x"), Sighting(exporter: "a", nodename: "x"), false),
    (Sighting(exporter: "a", nodename: "x"), Sighting(exporter: "a", nodename: "y"), true),
    (Sighting(exporter: "a", nodename: "x"), Sighting(exporter: "a"), false),
    (Sighting(exporter: "a"), Sighting(exporter: "a", nodename: "x"), false),
    (Sighting(exporter: "a", version: "1"), Sighting(exporter: "a", version: "2"), false),
  ])
  func whatEitherDoesNotTellCannotDiffer(one: Sighting, other: Sighting, contradicts: Bool) {
    #expect(one.contradicts(other) == contradicts)
    #expect(other.contradicts(one) == contradicts)
  }

  @Test func adoptedTargetsAreKnownAndUp() {
    var inventory = known()
    _ = inventory.absorb(.missing(1), now: at(60))
    inventory.adopt(
      [endpoint(1): Sighting(exporter: "x"), endpoint(7): Sighting(exporter: "node_exporter")], now: at(60))
    #expect(inventory.state(7) == .up)
    #expect(inventory.state(1) == .silent(silence(since: 60, missedScans: 1)))
    #expect(inventory.targets[endpoint(1)]?.sighting == node)
  }

  @Test func anAdoptedTargetLearnsItsNameWithoutAnEvent() {
    var inventory = JobInventory(removal: day)
    inventory.adopt([endpoint(1): Sighting(exporter: "node_exporter")], now: at(0))
    #expect(inventory.absorb(.seeing(1), now: at(0)) == [])
    #expect(inventory.targets[endpoint(1)]?.sighting == node)
  }
}

@Suite struct IncompleteScans {
  @Test func countNothingAsMissed() {
    var inventory = known()
    #expect(inventory.absorb(ScanReport.missing(1, 2).incomplete, now: at(60)) == [])
    #expect(inventory.state(1) == .up)
  }

  @Test func neitherEndNorProlongASilence() {
    var inventory = known()
    _ = inventory.absorb(.missing(1), now: at(60))
    #expect(inventory.absorb(ScanReport.missing(1).incomplete, now: at(120)) == [])
    #expect(inventory.state(1) == .silent(silence(since: 60, missedScans: 1)))
  }

  @Test func addAndRefresh() {
    var inventory = known()
    _ = inventory.absorb(.missing(1, 2), now: at(60))
    var report = ScanReport.seeing(1, 3)
    report.busy = [endpoint(2)]
    let events = inventory.absorb(report.incomplete, now: at(120))
    #expect(events.count == 3)
    #expect(inventory.silentCount == 0)
    #expect(inventory.targets.count == 3)
  }
}

@Suite struct Configurations {
  @Test func whatIsOutsideGoesAtOnce() throws {
    var inventory = JobInventory(removal: .never)
    _ = inventory.absorb(.seeing(200, 3, 10, 9), now: at(0))
    _ = inventory.absorb(.missing(200), now: at(60))
    let dropped = try [10, 200].map { try #require(inventory.targets[endpoint($0)]) }
    let kept = try #require(EndpointSet(addresses: AddressSet(try AddressRange("10.0.0.1-9").all), ports: [9100]))
    #expect(inventory.takeOut(except: kept) == dropped)
    #expect(Set(inventory.targets.keys) == [endpoint(3), endpoint(9)])
    #expect(inventory.takeOut(except: kept) == [])
  }

  @Test func anotherPortIsOutside() throws {
    var inventory = known()
    let other = try #require(EndpointSet(addresses: AddressSet(try AddressRange("10.0.0.0/24").all), ports: [9101]))
    #expect(inventory.takeOut(except: other).count == 2)
    #expect(inventory.targets.isEmpty)
  }
}
