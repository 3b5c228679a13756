import Addressing
import Configuration
import Inventory
import Testing

@testable import Daemon
@testable import Sweeping

@Test(arguments: [(0, "0 targets"), (1, "1 target"), (2, "2 targets"), (-1, "-1 targets")])
func numbersAgree(number: Int, text: String) {
  #expect(number.of("target") == text)
}

@Test(arguments: [
  (Duration.zero, "0.0 s"), (.nanoseconds(1), "0.0 s"), (.milliseconds(99), "0.0 s"), (.milliseconds(100), "0.1 s"),
  (.milliseconds(999), "0.9 s"), (.seconds(1), "1.0 s"), (.milliseconds(12_345), "12.3 s"),
  (.milliseconds(59_999), "59.9 s"), (.seconds(60), "1m"), (.milliseconds(60_999), "1m"), (.seconds(61), "1m1s"),
  (.seconds(3_600), "1h"), (.seconds(86_400 + 3_600 + 60 + 1), "1d1h1m1s"), (.seconds(365 * 86_400), "1y"),
])
func aDurationIsShort(duration: Duration, text: String) {
  #expect(duration.shortText == text)
}

/// The outcome of a scan of 256 endpoints.
func scanOutcome(
  end: SweepSummary.End = .complete, unreachable: UInt64 = 0, untried: UInt64 = 0, others: Int = 0,
  missed: [Endpoint: String] = [:]
) -> ScanOutcome {
  var summary = SweepSummary()
  (summary.opened, summary.refused, summary.timedOut) = (6, 50, 200 - unreachable - untried)
  (summary.unreachable, summary.untried, summary.end) = (unreachable, untried, end)
  return ScanOutcome(
    report: ScanReport(missed: missed, isComplete: end == .complete), summary: summary, others: [:],
    otherCounts: others > 0 ? ["no_exposition": others] : [:], newSuspects: [:], acceptingPrefixes: [],
    duration: .milliseconds(12_300))
}

@Suite struct ScanSentences {
  @Test(arguments: [
    (scanOutcome(), "256 of 256 endpoints in 12.3 s: 50 refused, 200 unanswered"),
    (
      scanOutcome(unreachable: 8, others: 3),
      "256 of 256 endpoints in 12.3 s: 50 refused, 192 unanswered, 8 unreachable, 3 open but no target"
    ),
    (
      scanOutcome(end: .incomplete(LocalFailure(errno: 24)), untried: 100),
      "156 of 256 endpoints in 12.3 s: 50 refused, 100 unanswered, 100 not tried"
    ),
  ])
  func aScanIsALine(outcome: ScanOutcome, text: String) {
    #expect(outcome.numbers == text)
  }

  @Test func whatSomebodyMayWantToMendIsSaid() {
    var outcome = scanOutcome()
    outcome.otherCounts = ["printer": 1, "unauthorized": 2, "tls": 3, "mute": 4, "unknown": 5]
    outcome.summary.passedOver = 7
    #expect(
      outcome.numbers == "256 of 263 endpoints in 12.3 s: 50 refused, 200 unanswered, 15 open but no target"
        + " (1 may be printers, 2 want credentials, 3 failed over TLS), 7 left alone for now")
    outcome.otherCounts = ["tls": 3, "plain_http": 2]
    outcome.summary.passedOver = 0
    #expect(outcome.numbers.hasSuffix(", 5 open but no target (3 failed over TLS, 2 speak plain HTTP)"))
  }

  @Test func itBeginsWithTheTargets() {
    var inventory = JobInventory(policy: Policy(removal: .never))
    #expect(scanOutcome().sentence(inventory).hasPrefix("0 targets; 256 of 256 endpoints in "))
    let endpoints = [1, 2, 3].map { Endpoint(address: .v4($0), port: 9100) }
    inventory.adopt(
      Dictionary(uniqueKeysWithValues: endpoints.map { ($0, Sighting(exporter: "node_exporter")) }), now: .now)
    #expect(scanOutcome().sentence(inventory).hasPrefix("3 targets; 256 of 256 endpoints in "))
    _ = inventory.absorb(ScanReport(missed: [endpoints[0]: "x"], isComplete: true), now: .now)
    #expect(scanOutcome().sentence(inventory).hasPrefix("3 targets, 1 of them silent; 256 of 256 endpoints in "))
  }
}

@Suite struct StatusSentences {
  private func states() throws -> [JobState] {
    try jobStates(
      """
      scan_configs:
        - {job_name: node, ranges: [10.0.0.0/24], target_file: a.yml}
        - {job_name: edge, ranges: [10.1.0.1-10], target_file: b.yml}
      """)
  }

  @Test func beforeTheFirstScan() throws {
    #expect(
      try states().statusSentence
        == "0 targets in 2 jobs; node: first scan of 254 endpoints; edge: first scan of 10 endpoints")
    #expect([JobState]().statusSentence == "0 targets in 0 jobs")
  }

  @Test func eachJobHasItsLastScan() throws {
    var states = try states()
    states[0].inventory.adopt([Endpoint(address: .v4(1), port: 9100): Sighting(exporter: "node_exporter")], now: .now)
    states[0].lastOutcome = scanOutcome()
    states[1].lastOutcome = scanOutcome(end: .incomplete(LocalFailure(errno: 24)), untried: 100)
    #expect(
      states.statusSentence
        == "1 target in 2 jobs; node: 256 endpoints in 12.3 s; edge: last scan incomplete (Too many open files)")
  }

  @Test func aHoldComesBeforeTheLastScan() throws {
    var states = try states()
    let endpoints = (1...4 as ClosedRange<UInt32>).map { Endpoint(address: .v4($0), port: 9100) }
    let sightings = endpoints.map { ($0, Sighting(exporter: "node_exporter")) }
    states[0].inventory.adopt(Dictionary(uniqueKeysWithValues: sightings), now: .now)
    let missed = Dictionary(uniqueKeysWithValues: endpoints.dropFirst().map { ($0, "x") })
    _ = states[0].inventory.absorb(ScanReport(missed: missed, isComplete: true), now: .now)
    states[0].lastOutcome = scanOutcome()
    #expect(
      states.statusSentence
        == "4 targets in 2 jobs, 3 silent; node: hold, 3 of 4 targets are silent, nothing is removed;"
        + " edge: first scan of 10 endpoints")
    #expect(
      scanOutcome().sentence(states[0].inventory).hasPrefix(
        "4 targets, 3 of them silent, hold; 256 of 256 endpoints in "))
  }

  @Test func whatIsWrongAndWhoIsSilentComesFirst() throws {
    var states = try states()
    let endpoint = Endpoint(address: .v4(1), port: 9100)
    states[0].inventory.adopt([endpoint: Sighting(exporter: "node_exporter")], now: .now)
    _ = states[0].inventory.absorb(ScanReport(missed: [endpoint: "x"], isComplete: true), now: .now)
    states[0].lastOutcome = scanOutcome()
    states[0].fault = "cannot replace it"
    #expect(
      states.statusSentence
        == "1 target in 2 jobs, 1 silent; node: cannot replace it; edge: first scan of 10 endpoints")
  }
}
