import Addressing
import Inventory
import Testing

@testable import Daemon
@testable import Probing
@testable import Sweeping

private let known = Endpoint(address: .v4(1), port: 9100)
private let unknown = Endpoint(address: .v4(2), port: 9100)
private let exporter = Verdict.exporter(Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01"))
private let sighting = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-01")
private let closed = Verdict.unfinished(.closed)
private let page = Verdict.other(.status(404))
private let busy = Verdict.busy(status: 503)

/// What the tries of one endpoint come to, in a scan that is complete.
private func outcome(_ endpoint: Endpoint, _ verdicts: Verdict..., thenMissed failure: ConnectFailure? = nil)
  -> ScanOutcome
{
  var findings = Findings(known: [known])
  for verdict in verdicts { _ = findings.take(verdict, of: endpoint) }
  if let failure { findings.miss(endpoint, failure) }
  return findings.outcome(SweepSummary(), duration: .zero)
}

@Suite struct FindingsOfOneEndpoint {
  @Test(arguments: [
    (known, exporter, false), (known, busy, false), (known, page, true), (known, closed, true),
    (unknown, exporter, false), (unknown, busy, false), (unknown, page, false), (unknown, closed, false),
  ])
  func onlyATargetGetsAnotherTry(endpoint: Endpoint, verdict: Verdict, isWorthATry: Bool) {
    var findings = Findings(known: [known])
    #expect(findings.take(verdict, of: endpoint) == isWorthATry)
  }

  @Test func anExporterIsSeen() {
    for endpoint in [known, unknown] {
      let outcome = outcome(endpoint, exporter)
      #expect(outcome.report.seen == [endpoint: sighting])
      #expect(outcome.report.missed == [:])
      #expect(outcome.others == [:])
    }
  }

  @Test func whatIsNoTargetAndNoExporterIsAnother() {
    for verdict in [page, closed, busy] {
      let outcome = outcome(unknown, verdict)
      #expect(outcome.others == [unknown: verdict])
      #expect(outcome.otherCount == 1)
      #expect(outcome.report.missed == [:])
      #expect(outcome.report.seen == [:])
    }
  }

  @Test func aTargetIsNeverAnother() {
    for verdict in [page, closed, busy] {
      #expect(outcome(known, verdict).others == [:])
      #expect(outcome(known, verdict, verdict, verdict).otherCount == 0)
    }
  }

  @Test func aTargetThatDoesNotAnswerAsOneIsMissedForTheLastReason() {
    #expect(outcome(known, page).report.missed == [known: "answers with HTTP status 404"])
    #expect(
      outcome(known, page, closed).report.missed == [known: "accepted the connection and closed it without an answer"])
    #expect(outcome(known, page, thenMissed: .refused).report.missed == [known: "connection refused"])
    #expect(outcome(known, thenMissed: .timedOut).report.missed == [known: "no answer to the connection attempt"])
  }

  @Test func anExporterFoundOnALaterTryIsNotMissed() {
    let outcome = outcome(known, page, closed, exporter)
    #expect(outcome.report.missed == [:])
    #expect(outcome.report.seen == [known: sighting])
  }

  @Test func aBusyTargetIsNotMissed() {
    let outcome = outcome(known, page, busy)
    #expect(outcome.report.missed == [:])
    #expect(outcome.report.busy == [known])
  }
}

@Suite struct FindingsOfMany {
  @Test func othersAreCountedBeyondWhatIsKept() {
    var findings = Findings(known: [])
    for host in 0..<5_000 as Range<UInt32> {
      _ = findings.take(page, of: Endpoint(address: .v4(host), port: 9100))
    }
    let outcome = findings.outcome(SweepSummary(), duration: .zero)
    #expect(outcome.others.count == 1_000)
    #expect(outcome.otherCount == 5_000)
  }

  @Test func targetsAreKeptHoweverMany() {
    var findings = Findings(known: [])
    for host in 0..<5_000 as Range<UInt32> {
      _ = findings.take(exporter, of: Endpoint(address: .v4(host), port: 9100))
    }
    #expect(findings.outcome(SweepSummary(), duration: .zero).report.seen.count == 5_000)
  }

  @Test(arguments: [
    (SweepSummary.End.complete, true), (.cancelled, false), (.incomplete(LocalFailure(errno: 24)), false),
  ])
  func onlyACompleteSweepIsACompleteScan(end: SweepSummary.End, isComplete: Bool) {
    var summary = SweepSummary()
    summary.end = end
    #expect(Findings(known: []).outcome(summary, duration: .zero).report.isComplete == isComplete)
  }
}
