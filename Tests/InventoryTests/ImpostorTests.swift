import Addressing
import Testing

@testable import Inventory

/// What a node_exporter says.
private func process(_ name: String?, since: Double? = 1_000.25) -> Sighting {
  Sighting(exporter: "node_exporter", version: "1.5.0", nodename: name, startTime: since)
}

private func report(_ seen: [UInt32: Sighting], missed: [UInt32] = []) -> ScanReport {
  ScanReport(
    seen: Dictionary(uniqueKeysWithValues: seen.map { (endpoint($0.key), $0.value) }),
    missed: Dictionary(uniqueKeysWithValues: missed.map { (endpoint($0), "no answer") }), isComplete: true)
}

/// A job that lists one address of a machine, and its scans, one a minute.
private struct Scans {
  var inventory = JobInventory(
    policy: Policy(removal: .after(.seconds(86_400)), maxLossPercent: 100, listsFirstOnly: true))
  var minute = 0

  @discardableResult
  mutating func see(_ seen: [UInt32: Sighting], missed: [UInt32] = []) -> [InventoryEvent] {
    minute += 1
    return inventory.absorb(report(seen, missed: missed), now: at(60 * minute))
  }

  /// The same in the next process.
  mutating func restart() throws {
    let moment = Moment(instant: at(60 * minute), wall: WallTime(milliseconds: 1_800_000_000_000))
    let job = StoredInventory.Job(name: "node", targetFile: "/a", inventory: inventory)
    let read = try StoredInventory(StoredInventory(jobs: [job]).encoded(at: moment), at: moment)
    let policy = inventory.policy
    inventory = try #require(read.jobs.first).inventory
    inventory.resume(with: policy, now: at(60 * minute))
  }

  var listed: Set<UInt32> { Set((1...9 as ClosedRange<UInt32>).filter { isListed($0) }) }

  private func isListed(_ host: UInt32) -> Bool { inventory.listed.contains { $0.endpoint == endpoint(host) } }
}

/// A host shows the nodename and the time of start of another: both are public. 5 is the victim, 1 and 9 are the host.
@Suite struct Impostors {
  private let victim = process("victim")

  @Test(arguments: [1, 9] as [UInt32], [false, true])
  func whoShowedNoNameBeforeDisplacesNobody(rogue: UInt32, restarts: Bool) throws {
    var scans = Scans()
    scans.see([rogue: process(nil, since: nil)])
    scans.see([rogue: process(nil, since: nil), 5: victim])
    if restarts { try scans.restart() }
    for _ in 1...3 {
      scans.see([rogue: victim, 5: victim])
      #expect(scans.listed == [5])
      if restarts { try scans.restart() }
      #expect(scans.listed == [5])
    }
  }

  @Test(arguments: [1, 9] as [UInt32], [false, true])
  func whoHadTheNameForLongerDisplacesNobody(rogue: UInt32, restarts: Bool) throws {
    var scans = Scans()
    scans.see([rogue: process("victim", since: 7)])
    scans.see([rogue: process("victim", since: 7), 5: victim])
    if restarts { try scans.restart() }
    for _ in 1...3 {
      scans.see([rogue: victim, 5: victim])
      #expect(scans.listed.contains(5))
      if restarts { try scans.restart() }
      #expect(scans.listed.contains(5))
    }
  }

  @Test(arguments: [1, 9] as [UInt32])
  func whoWasFoundInTheSameScanDisplacesNobody(rogue: UInt32) {
    var scans = Scans()
    scans.see([rogue: process("victim", since: 7), 5: victim])
    scans.see([rogue: victim, 5: victim])
    #expect(scans.listed.contains(5))
  }

  /// The victim restarts, and its new time of start is heard of, and shown, before the scan that sees it.
  @Test(arguments: [1, 9] as [UInt32], [process("victim", since: 7), process("victim"), process("rogue")])
  func whoIsQuickerThanARestartDisplacesNobody(rogue: UInt32, before: Sighting) throws {
    for isMissed in [false, true] { try expectTheVictimListed(beside: rogue, before, isMissed: isMissed) }
  }

  private func expectTheVictimListed(beside rogue: UInt32, _ before: Sighting, isMissed: Bool) throws {
    var scans = Scans()
    scans.see(isMissed && before != victim ? [rogue: before] : [5: victim])
    scans.see([rogue: before, 5: victim])
    for start in 1...4 {
      let next = process("victim", since: 2_000 + Double(start))
      if isMissed {
        scans.see([rogue: next], missed: [5])
        #expect(scans.listed.contains(5))
      }
      scans.see([rogue: next, 5: next])
      #expect(scans.listed.contains(5))
      try scans.restart()
      #expect(scans.listed.contains(5))
    }
  }

  /// `up == 0` goes on firing for a dead machine whose identity another shows.
  @Test(arguments: [1, 9] as [UInt32], [false, true])
  func aSilentVictimStaysListed(rogue: UInt32, restarts: Bool) throws {
    var scans = Scans()
    scans.see([5: victim])
    scans.see([rogue: victim, 5: victim])
    for _ in 1...20 {
      scans.see([rogue: victim], missed: [5])
      if restarts { try scans.restart() }
      #expect(scans.listed.contains(5))
    }
    #expect(scans.listed == [rogue, 5])
    // It comes back after a restart that the other one knew first.
    let next = process("victim", since: 2_000)
    scans.see([rogue: next], missed: [5])
    for _ in 1...3 {
      scans.see([rogue: next, 5: next])
      #expect(scans.listed == [5])
    }
  }

  @Test func whoClaimsTheIdentityOfManyDisplacesNobody() {
    var scans = Scans()
    let names = (2...8 as ClosedRange<UInt32>).map { ($0, process("victim-\($0)", since: Double($0))) }
    let victims = Dictionary(uniqueKeysWithValues: names)
    scans.see([1: process(nil, since: nil)].merging(victims) { $1 })
    for copied in 2...8 as ClosedRange<UInt32> {
      for _ in 1...61 {
        scans.see([1: victims[copied] ?? victim].merging(victims) { $1 })
        #expect(scans.listed.isSuperset(of: 2...8))
      }
    }
  }

  @Test func whoShowsTheProcessOfAnotherIsToldOnceAnHour() throws {
    var scans = Scans()
    let own = process("victim", since: 7)
    scans.see([1: own, 5: victim])
    var told: [InventoryEvent] = []
    for minute in 1...120 { told += scans.see([1: minute.isMultiple(of: 2) ? own : victim, 5: victim]) }
    let rogue = try #require(scans.inventory.targets[endpoint(5)])
    #expect(told.count == 2)
    #expect(told.allSatisfy { if case .shared(rogue, with: endpoint(1)) = $0 { true } else { false } })
    // And not by the next process, while it goes on.
    scans.see([1: victim, 5: victim])
    try scans.restart()
    #expect(scans.see([1: victim, 5: victim]) == [])
  }

  /// What was another job's comes with its history.
  @Test func whoComesFromAnotherJobIsDisplacedByNobody() throws {
    var (one, other) = (Scans(), Scans())
    one.see([5: victim])
    other.see([1: process("victim", since: 7)])
    other.see([1: victim])
    other.inventory.inherit(try #require(one.inventory.targets[endpoint(5)]))
    _ = other.inventory.adjust(to: other.inventory.policy)
    other.see([1: victim, 5: victim])
    #expect(other.listed == [1, 5])
  }
}
