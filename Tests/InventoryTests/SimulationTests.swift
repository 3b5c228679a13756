import Foundation
import Testing

@testable import Inventory

/// Histories of ten days' scans and more, each of another fleet. `SUBNET_SD_SEED=N` plays one alone.
@Suite struct Simulations {
  private static let seeds: ClosedRange<UInt64> =
    ProcessInfo.processInfo.environment["SUBNET_SD_SEED"].flatMap { UInt64($0) }.map { $0...$0 } ?? 1...24
  private static let steps = 1_000

  @Test(arguments: seeds)
  func noLiveTargetLeavesAndEachDeadOneDoes(seed: UInt64) throws {
    var simulation = Simulation(seed: seed)
    do {
      for _ in 0..<Self.steps { try simulation.advance() }
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test(arguments: [3, 14] as [UInt64])
  func theSameHistoryGivesTheSameBytes(seed: UInt64) throws {
    var (one, other) = (Simulation(seed: seed), Simulation(seed: seed, isReversed: true))
    for step in 1...Self.steps {
      try one.advance()
      try other.advance()
      try #require(one.stored == other.stored, "seed \(seed), step \(step): another inventory")
      try #require(one.file == other.file, "seed \(seed), step \(step): another file")
    }
  }

  @Test func everythingHappensInThem() throws {
    var occurrences: [String: Int] = [:]
    for seed in 1...12 as ClosedRange<UInt64> {
      var simulation = Simulation(seed: seed)
      for _ in 0..<Self.steps { try? simulation.advance() }
      occurrences.merge(simulation.occurrences, uniquingKeysWith: +)
    }
    let kinds = [
      "uplink fails", "switch fails", "outage ends", "death", "birth", "replacement", "clock is set", "ranges shrink",
      "ranges grow", "decommissioning", "killed before storing", "killed before publishing", "killed after publishing",
      "rebooted", "release", "forgotten", "restart", "duplicate", "distinct", "stand-in", "shared", "back", "gone",
      "unbelieved", "hold", "hold of a prefix", "hold ended",
    ]
    for kind in kinds { #expect(occurrences[kind, default: 0] > 0, "\(kind) never happens") }
  }
}
