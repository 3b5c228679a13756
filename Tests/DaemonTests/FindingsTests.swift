import Addressing
import Exporters
import Inventory
import Testing

@testable import Daemon
@testable import Probing
@testable import Sweeping

private let known = Endpoint(address: .v4(1), port: 9100)
private let otherPort = Endpoint(address: .v4(1), port: 8080)
private let unknown = Endpoint(address: .v4(2), port: 9100)
private let exporter = Verdict.exporter(Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01"))
private let sighting = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-01")
private let closed = Verdict.unfinished(.closed)
private let page = Verdict.other(.status(404))
private let busy = Verdict.busy(status: 503)

private let anyJob = "scan_configs: [{job_name: node, ranges: [10.0.0.0/24]}]"

/// The end of an inquiry that asked as node_exporter is asked.
func found(_ verdict: Verdict, _ scheme: Scheme = .http, at target: String = "/metrics?collect%5B%5D=uname")
  -> Inquiry.Finding
{
  Inquiry.Finding(verdict: verdict, scheme: scheme, target: target)
}

/// What the tries of one endpoint come to, in a scan that is complete.
private func outcome(_ endpoint: Endpoint, _ verdicts: Verdict..., thenMissed failure: ConnectFailure? = nil)
  throws -> ScanOutcome
{
  var findings = Findings(for: try order(anyJob, known: [known: .init(isTrusted: true)]))
  for verdict in verdicts { _ = findings.take(found(verdict), of: endpoint) }
  if let failure { findings.miss(endpoint, failure) }
  return findings.outcome(SweepSummary(), duration: .zero)
}

@Suite struct FindingsOfOneEndpoint {
  @Test(arguments: [
    (known, exporter, false), (known, busy, false), (known, page, true), (known, closed, true),
    (unknown, exporter, false), (unknown, busy, false), (unknown, page, false), (unknown, closed, false),
  ])
  func onlyATargetGetsAnotherTry(endpoint: Endpoint, verdict: Verdict, isWorthATry: Bool) throws {
    var findings = Findings(for: try order(anyJob, known: [known: .init(isTrusted: true)]))
    #expect(findings.take(found(verdict), of: endpoint) == isWorthATry)
  }

  /// What has been silent for a while may be a printer by now, which has printed what it was sent.
  @Test(arguments: [(known, closed, false), (known, page, true), (otherPort, closed, true)])
  func whereAPrinterMayBeOnlyATargetThatAnsweredLastTimeIsAskedTwice(
    endpoint: Endpoint, verdict: Verdict, isWorthATry: Bool
  ) throws {
    let ports = "scan_configs: [{job_name: node, ranges: [10.0.0.0/24], ports: [9100, 8080]}]"
    var findings = Findings(for: try order(ports, known: [endpoint: .init()]))
    #expect(findings.take(found(verdict), of: endpoint) == isWorthATry)
  }

  @Test func anExporterIsSeen() throws {
    for endpoint in [known, unknown] {
      let outcome = try outcome(endpoint, exporter)
      #expect(outcome.report.seen == [endpoint: sighting])
      #expect(outcome.report.missed == [:])
      #expect(outcome.others == [:])
    }
  }

  @Test func whatIsNoTargetAndNoExporterIsAnother() throws {
    for verdict in [page, closed, busy] {
      let outcome = try outcome(unknown, verdict)
      #expect(outcome.others == [unknown: verdict])
      #expect(outcome.otherCount == 1)
      #expect(outcome.report.missed == [:])
      #expect(outcome.report.seen == [:])
    }
  }

  @Test func aTargetIsNeverAnother() throws {
    for verdict in [page, closed, busy] {
      #expect(try outcome(known, verdict).others == [:])
      #expect(try outcome(known, verdict, verdict, verdict).otherCount == 0)
    }
  }

  @Test func whatAnswersOverTLSAtAnotherTrySpeaksNoPlainHTTP() throws {
    let plain = Verdict.other(.plainHTTP(.credentials))
    #expect(try outcome(known, plain).report.plain == [known: plain.description])
    #expect(try outcome(known, plain, closed).report.plain == [known: plain.description])
    #expect(try outcome(known, plain, exporter).report.plain == [:])
    #expect(try outcome(known, plain, busy).report.plain == [:])
  }

  @Test func aTargetThatDoesNotAnswerAsOneIsMissedForTheLastReason() throws {
    #expect(try outcome(known, page).report.missed == [known: "answers with HTTP status 404"])
    #expect(
      try outcome(known, page, closed).report.missed == [
        known: "accepted the connection and closed it without an answer"
      ])
    #expect(try outcome(known, page, thenMissed: .refused).report.missed == [known: "connection refused"])
    #expect(try outcome(known, thenMissed: .timedOut).report.missed == [known: "no answer to the connection attempt"])
  }

  @Test func aTargetThatSpeaksPlainHTTPWhereTLSWouldDoIsMissedForThat() throws {
    let plain = Verdict.other(.plainHTTP(.past))
    let report = try outcome(known, plain).report
    #expect(report.missed == [known: plain.description])
    #expect(report.plain == [known: plain.description])
    #expect(try outcome(known, plain, closed).report.plain == [known: plain.description])
    #expect(try outcome(unknown, plain).report.plain == [:])
    #expect(try outcome(unknown, plain).others == [unknown: plain])
  }

  @Test func anExporterFoundOnALaterTryIsNotMissed() throws {
    let outcome = try outcome(known, page, closed, exporter)
    #expect(outcome.report.missed == [:])
    #expect(outcome.report.seen == [known: sighting])
  }

  @Test func aBusyTargetIsNotMissed() throws {
    let outcome = try outcome(known, page, busy)
    #expect(outcome.report.missed == [:])
    #expect(outcome.report.busy == [known])
  }

  /// It has said more than is read: so it lives.
  @Test(arguments: [
    Breakdown.headTooLarge, .endless, .handshakeTooLarge, .tooManyPieces, .tooCostly,
  ])
  func aTargetThatIsCutOffIsNotMissed(bound: Breakdown) throws {
    for verdict in [Verdict.unfinished(bound), .other(.brokenOff(bound))] {
      let outcome = try outcome(known, verdict)
      #expect(outcome.report.missed == [:])
      #expect(outcome.report.busy == [known])
      #expect(try others(verdict) == [unknown: verdict])
    }
  }

  private func others(_ verdict: Verdict) throws -> [Endpoint: Verdict] { try outcome(unknown, verdict).others }
}

@Suite struct FindingsOfMany {
  @Test func othersAreCountedBeyondWhatIsKept() throws {
    var findings = Findings(for: try order(anyJob))
    for host in 0..<5_000 as Range<UInt32> {
      _ = findings.take(found(page), of: Endpoint(address: .v4(host), port: 9100))
    }
    let outcome = findings.outcome(SweepSummary(), duration: .zero)
    #expect(outcome.others.count == 1_000)
    #expect(outcome.otherCount == 5_000)
  }

  @Test func targetsAreKeptHoweverMany() throws {
    var findings = Findings(for: try order(anyJob))
    for host in 0..<5_000 as Range<UInt32> {
      _ = findings.take(found(exporter), of: Endpoint(address: .v4(host), port: 9100))
    }
    #expect(findings.outcome(SweepSummary(), duration: .zero).report.seen.count == 5_000)
  }

  @Test(arguments: [
    (SweepSummary.End.complete, true), (.cancelled, false), (.incomplete(LocalFailure(errno: 24)), false),
  ])
  func onlyACompleteSweepIsACompleteScan(end: SweepSummary.End, isComplete: Bool) throws {
    var summary = SweepSummary()
    summary.end = end
    #expect(try Findings(for: order(anyJob)).outcome(summary, duration: .zero).report.isComplete == isComplete)
  }
}

@Suite struct FindingsOfAllKinds {
  private func outcome(_ verdicts: [Verdict], _ text: String = anyJob, from first: UInt32 = 0x0A00_0001) throws
    -> ScanOutcome
  {
    var findings = Findings(for: try order(text))
    for (index, verdict) in verdicts.enumerated() {
      _ = findings.take(found(verdict), of: Endpoint(address: .v4(first + UInt32(index)), port: 9100))
    }
    return findings.outcome(SweepSummary(), duration: .zero)
  }

  @Test func whatIsNoTargetIsCountedByItsKind() throws {
    let counts = try outcome([
      page, .other(.noSamples), closed, .unfinished(.timedOut), .printer(.lpd), .other(.unknown),
      .other(.otherExporter(Identity(exporter: "redis_exporter"))), .other(.unauthorized(.none)),
      .other(.untrusted("x")), .other(.speaksTLS), busy, exporter,
    ]).otherCounts
    #expect(
      counts == [
        "no_exposition": 2, "mute": 2, "printer": 1, "unknown": 1, "other_exporter": 1, "unauthorized": 1, "tls": 2,
        "busy": 1,
      ])
  }

  @Test func aSuspectThatWasATargetIsRefused() throws {
    let outcome = try DaemonTests.outcome(known, page, .printer(.lpd))
    #expect(outcome.report.refused == [known: "\(Suspicion.lpd)"])
    #expect(outcome.report.missed == [:])
    #expect(outcome.otherCount == 0)
  }

  /// A computer may hang on that port, and an exporter that is known is not given up for it.
  @Test func aTargetWithAnUncertainSuspicionIsMissed() throws {
    let outcome = try DaemonTests.outcome(known, .printer(.silentIPP))
    #expect(outcome.report.refused == [:])
    #expect(outcome.report.missed == [known: "\(Suspicion.silentIPP)"])
    #expect(try DaemonTests.outcome(unknown, .printer(.silentIPP)).otherCounts == ["printer": 1])
  }

  @Test(arguments: [
    ("node_exporter", "/metrics?collect%5B%5D=uname", Scheme.https, "/metrics"),
    ("node_exporter", "/metrics", .http, "/metrics"), ("node_exporter", "/other?a=b", .http, "/other"),
    ("envoy", "/stats/prometheus?filter=%5Eserver%5C.", .http, "/stats/prometheus"), ("envoy", "/x", .http, "/x"),
    ("unknown", "/metrics?collect%5B%5D=uname", .http, "/metrics"),
  ])
  func itIsScrapedWhereItWasAsked(name: String, target: String, scheme: Scheme, path: String) throws {
    var findings = Findings(for: try order(anyJob))
    _ = findings.take(found(.exporter(Identity(exporter: name)), scheme, at: target), of: unknown)
    let seen = findings.outcome(SweepSummary(), duration: .zero).report.seen[unknown]
    #expect(seen == Sighting(exporter: name, scheme: scheme, metricsPath: path))
  }
}

/// A middlebox accepts every connection and passes none on.
@Suite struct AcceptingPrefixes {
  /// How many addresses of 10.0.0.0/`length` accept, and how many of those are something.
  private func prefixes(
    _ ranges: String, open: Int, proven: Int = 0, as verdict: Verdict = closed, lines: String = "group_by: 24"
  ) throws -> [String] {
    var findings = Findings(
      for: try order("scan_configs: [{job_name: node, ranges: [\(ranges)], \(lines)}]"))
    for index in 0..<open {
      let endpoint = Endpoint(address: .v4(0x0A00_0001 + UInt32(index)), port: 9100)
      _ = findings.take(found(index < proven ? exporter : verdict), of: endpoint)
    }
    return findings.outcome(SweepSummary(), duration: .zero).acceptingPrefixes.map(\.description)
  }

  @Test(arguments: [
    ("10.0.0.0/27", 30, 0, ["10.0.0.0/24"]), ("10.0.0.0/27", 30, 14, ["10.0.0.0/24"]), ("10.0.0.0/27", 30, 15, []),
    ("10.0.0.0/27", 29, 0, []), ("10.0.0.1-15", 15, 0, []), ("10.0.0.1-16", 16, 0, ["10.0.0.0/24"]),
    ("10.0.0.0/24", 254, 0, ["10.0.0.0/24"]), ("10.0.0.0/24, 10.0.1.0/24", 254, 0, ["10.0.0.0/24"]),
  ])
  func areThoseInWhichAllAcceptAndFewAreAnything(ranges: String, open: Int, proven: Int, told: [String]) throws {
    #expect(try prefixes(ranges, open: open, proven: proven) == told)
  }

  @Test func whatIsExcludedIsNotExpected() throws {
    #expect(try prefixes("10.0.0.0/24", open: 20, lines: "exclude: [10.0.0.21-10.0.0.255]") == ["10.0.0.0/24"])
  }

  @Test(
    arguments: [
      (closed, true), (page, true), (.other(.unknown), true), (.printer(.lpd), true), (busy, false),
      (.other(.otherExporter(Identity(exporter: "x"))), false),
    ] as [(Verdict, Bool)])
  func whatSaysWhatItIsIsSomething(verdict: Verdict, isNothing: Bool) throws {
    #expect(try prefixes("10.0.0.0/27", open: 30, as: verdict).isEmpty == !isNothing)
  }

  /// Another length is another group.
  @Test func areThoseOfTheTargetGroups() throws {
    #expect(
      try prefixes("10.0.0.1-32", open: 32, lines: "group_by: 28") == ["10.0.0.16/28"],
      "the first has 15 addresses, and the third has one")
  }
}
