import Testing

@testable import Inventory

/// What happens to host 1 when it is missed once a minute, by the number of the scan.
private func missed(_ scans: ClosedRange<Int>, every seconds: Int = 60, _ removal: Removal) -> [Int: [InventoryEvent]] {
  var inventory = JobInventory(removal: removal)
  _ = inventory.absorb(.seeing(1), now: at(0))
  var events: [Int: [InventoryEvent]] = [:]
  for scan in scans {
    events[scan] = inventory.absorb(.missing(1), now: at(seconds * scan))
  }
  return events
}

private func isGone(_ events: [InventoryEvent]?) -> Bool {
  events?.contains { if case .gone = $0 { true } else { false } } ?? false
}

/// The first of a target's missed scans is at 60 s, so that silence is `seconds * (scan - 1)` long.
@Test(arguments: [
  (Duration.seconds(3_600), 60, 61), (.seconds(3_601), 60, 62), (.seconds(60), 60, 3), (.seconds(1), 60, 3),
  (.nanoseconds(1), 60, 3), (.seconds(180), 60, 4), (.zero, 60, 1), (.seconds(86_400), 86_400, 3),
])
func aTargetGoesAfterItsTimeAndThreeScans(limit: Duration, every seconds: Int, scan: Int) {
  let events = missed(1...scan, every: seconds, .after(limit))
  #expect((1..<scan).allSatisfy { !isGone(events[$0]) })
  #expect(isGone(events[scan]))
}

@Test func theDepartureTellsHowLongItWas() {
  let target = target(1, node, .silent(silence(since: 60, missedScans: 4, counted: 180)))
  #expect(missed(1...4, .after(.seconds(180)))[4] == [.gone(target, .silent(for: .seconds(180), missedScans: 4))])
}

@Test func zeroIsTheFirstMissedScan() {
  let target = target(1, node, .silent(silence(since: 60, missedScans: 1)))
  let events = missed(1...1, .after(.zero))[1]
  #expect(events == [.silent(target, reason: "no answer"), .gone(target, .silent(for: .zero, missedScans: 1))])
}

@Test func neverIsNever() {
  let events = missed(1...1_000, every: 86_400, .never)
  #expect(events.values.allSatisfy { !isGone($0) })
}

/// A clock that jumps, or a machine that was asleep, is one missed scan and no more.
@Test func aLeapOfTimeRemovesNothing() {
  var inventory = JobInventory(removal: .after(.seconds(3_600)))
  _ = inventory.absorb(.seeing(1), now: at(0))
  _ = inventory.absorb(.missing(1), now: at(60))
  _ = inventory.absorb(.missing(1), now: at(1_000_000))
  #expect(inventory.targets.count == 1)
  _ = inventory.absorb(.missing(1), now: at(1_000_060))
  #expect(inventory.targets.isEmpty)
}

@Test func aNewRemovalCountsWhatWasMissedBefore() {
  var inventory = JobInventory(removal: .never)
  _ = inventory.absorb(.seeing(1), now: at(0))
  for scan in 1...10 { _ = inventory.absorb(.missing(1), now: at(60 * scan)) }
  _ = inventory.adjust(to: Policy(removal: .after(.seconds(60))))
  #expect(isGone(inventory.absorb(.missing(1), now: at(660))))
}

@Test func whatIsGoneCanBeNewAgain() {
  var inventory = JobInventory(removal: .after(.zero))
  _ = inventory.absorb(.seeing(1), now: at(0))
  _ = inventory.absorb(.missing(1), now: at(60))
  #expect(inventory.targets.isEmpty)
  #expect(inventory.absorb(.missing(1), now: at(120)) == [])
  #expect(inventory.absorb(.seeing(1), now: at(180)) == [.new(target(1, at: 180))])
}
