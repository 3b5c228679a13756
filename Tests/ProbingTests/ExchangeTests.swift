import Exporters
import Testing

@testable import Probing

private let web01 = Verdict.exporter(
  Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01", startTime: Answers.startTime))

/// The verdict on a whole answer that comes in `pieces`.
private func verdict(
  status: Int = 200, type: String? = Answers.contentType, encoding: String? = nil, _ pieces: String...
) -> Verdict {
  var exchange = Exchange(.node)
  if let verdict = exchange.receiveHead(status: status, contentType: type, contentEncoding: encoding) {
    return verdict
  }
  for piece in pieces {
    if let verdict = exchange.receiveBody(Array(piece.utf8)) { return verdict }
  }
  return exchange.finish()
}

@Suite struct Heads {
  /// The head alone decides these; nil where the body has to be read.
  @Test(
    arguments: [
      (200, nil), (400, nil), (503, nil),
      (401, .other(.unauthorized(.none))), (429, .busy(status: 429)),
      (300, .other(.redirect(status: 300))), (302, .other(.redirect(status: 302))),
      (308, .other(.redirect(status: 308))), (399, .other(.redirect(status: 399))),
      (100, .other(.status(100))), (101, .other(.status(101))), (201, .other(.status(201))),
      (204, .other(.status(204))), (206, .other(.status(206))), (402, .other(.status(402))),
      (403, .other(.status(403))), (404, .other(.status(404))), (405, .other(.status(405))),
      (407, .other(.status(407))), (500, .other(.status(500))), (502, .other(.status(502))),
      (504, .other(.status(504))), (599, .other(.status(599))), (0, .other(.status(0))), (999, .other(.status(999))),
      (-1, .other(.status(-1))), (.max, .other(.status(.max))),
    ] as [(Int, Verdict?)])
  func eachStatusHasItsVerdict(status: Int, verdict: Verdict?) {
    var exchange = Exchange(.node)
    let got = exchange.receiveHead(status: status, contentType: Answers.contentType, contentEncoding: nil)
    #expect(got == verdict)
  }

  @Test(arguments: ["text/plain", "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0"])
  func readsAnExposition(contentType: String) {
    #expect(verdict(type: contentType, Answers.exposition) == web01)
  }

  @Test(arguments: ["text/html; charset=utf-8", "application/json", ""])
  func readsNoOtherType(contentType: String) {
    #expect(verdict(type: contentType, Answers.exposition) == .other(.notAnExposition(contentType: contentType)))
  }

  @Test func readsNothingWithoutAType() {
    #expect(verdict(type: nil, Answers.exposition) == .other(.notAnExposition(contentType: nil)))
  }

  @Test(arguments: [nil, "identity", "Identity"])
  func readsWhatIsNotEncoded(encoding: String?) {
    #expect(verdict(encoding: encoding, Answers.exposition) == web01)
  }

  @Test(arguments: ["gzip", "br", "identity, gzip", "x"])
  func decompressesNothing(encoding: String) {
    #expect(verdict(encoding: encoding, Answers.exposition) == .other(.encoded(encoding)))
  }

  @Test func whatIsQuotedFromAHeadIsShortAndPrintable() {
    let hostile = "a\u{1B}[2J\u{202E}\u{0}é" + String(repeating: "x", count: 1_000)
    let quoted = "a?[2J??é" + String(repeating: "x", count: 72)
    #expect(verdict(type: hostile) == .other(.notAnExposition(contentType: quoted)))
    #expect(verdict(encoding: hostile) == .other(.encoded(quoted)))
  }
}

@Suite struct Pages {
  @Test func aRefusedCollectorIsProof() {
    let page = Answers.disabledCollector
    #expect(verdict(status: 400, page) == .exporter(Identity(exporter: "node_exporter")))
    #expect(verdict(status: 400, type: nil, page) == .exporter(Identity(exporter: "node_exporter")))
  }

  /// The last two are said by exporters that were made after node_exporter: windows_exporter, for one.
  @Test(arguments: [
    "", "Bad Request", "disabled collector: uname", "Couldn't create filtered metrics handler: disabled collector: cpu",
    Answers.missingCollector, "Couldn't create filtered metrics handler: unavailable collector: uname",
  ])
  func anotherBadRequestIsNone(page: String) {
    #expect(verdict(status: 400, page) == .other(.status(400)))
  }

  @Test func theWordsProveNothingUnderAnotherStatus() {
    #expect(verdict(status: 503, Answers.disabledCollector) == .other(.status(503)))
    #expect(verdict(status: 200, Answers.disabledCollector) == .other(.noSamples))
  }

  @Test func aTLSPortSaysSo() {
    let page = "Client sent an HTTP request to an HTTPS server.\n"
    #expect(verdict(status: 400, type: nil, page) == .other(.speaksTLS))
    #expect(verdict(status: 503, type: nil, page) == .other(.status(503)))
  }

  @Test func aBusyExporterIsAlive() {
    #expect(verdict(status: 503, "Limit of concurrent requests reached (40), try again later.\n") == .busy(status: 503))
    #expect(verdict(status: 503, "Service Unavailable") == .other(.status(503)))
    #expect(verdict(status: 400, "Limit of concurrent requests reached") == .other(.status(400)))
  }

  @Test func theWordsMayComeInPieces() {
    for cut in Answers.disabledCollector.indices {
      let (start, end) = (Answers.disabledCollector[..<cut], Answers.disabledCollector[cut...])
      #expect(verdict(status: 400, String(start), String(end)) == .exporter(Identity(exporter: "node_exporter")))
    }
  }

  @Test func onlyTheBeginningOfAPageIsRead() {
    let room = ErrorPage.maxLength - Answers.disabledCollector.utf8.count
    let fits = String(repeating: " ", count: room) + Answers.disabledCollector
    #expect(verdict(status: 400, fits) == .exporter(Identity(exporter: "node_exporter")))
    #expect(verdict(status: 400, " " + fits) == .other(.status(400)))
  }

  @Test func anEndlessPageEndsTheExchangeAtItsBound() {
    var exchange = Exchange(.node)
    #expect(exchange.receiveHead(status: 503, contentType: nil, contentEncoding: nil) == nil)
    let piece = Array(repeating: UInt8(ascii: "x"), count: ErrorPage.maxLength - 1)
    #expect(exchange.receiveBody(piece) == nil)
    #expect(exchange.receiveBody([0xFF]) == .other(.status(503)))
  }

  @Test func aPageNeedNotBeText() {
    var exchange = Exchange(.node)
    _ = exchange.receiveHead(status: 400, contentType: nil, contentEncoding: nil)
    #expect(exchange.receiveBody([0xC3, 0x28, 0x00, 0xFF]) == nil)
    #expect(exchange.finish() == .other(.status(400)))
  }

  /// The page may never come to an end.
  @Test func theWordsOfATLSPortAreEnough() {
    var exchange = Exchange(.node)
    _ = exchange.receiveHead(status: 400, contentType: nil, contentEncoding: nil)
    #expect(exchange.receiveBody(Array("Client sent an HTTP request".utf8)) == nil)
    #expect(exchange.receiveBody(Array(" to an HTTPS server.".utf8)) == .other(.speaksTLS))
  }

  /// A peer that closes with our request unread resets the connection behind its page.
  @Test(arguments: [Breakdown.reset, .closed, .timedOut])
  func whatAPageSaidBeforeItBrokeOffStands(breakdown: Breakdown) {
    for (page, verdict) in [
      (Answers.disabledCollector, Verdict.exporter(Identity(exporter: "node_exporter"))),
      ("Bad", .other(.status(400))),
    ] {
      var exchange = Exchange(.node)
      _ = exchange.receiveHead(status: 400, contentType: nil, contentEncoding: nil)
      #expect(exchange.receiveBody(Array(page.utf8)) == nil)
      #expect(exchange.breakOff(breakdown) == verdict)
    }
  }
}

@Suite struct Ends {
  @Test func nothingCameAtAll() {
    var exchange = Exchange(.node)
    #expect(exchange.receiveBody([1, 2, 3]) == nil)
    #expect(exchange.finish() == .unfinished(.closed))
  }

  @Test(arguments: [
    Breakdown.timedOut, .closed, .reset, .notHTTP, .headTooLarge, .endless, .failed(errno: 113),
  ])
  func withoutProofTheBreakdownIsTheVerdict(breakdown: Breakdown) {
    var exchange = Exchange(.node)
    #expect(exchange.breakOff(breakdown) == .unfinished(breakdown))
    _ = exchange.receiveHead(status: 200, contentType: Answers.contentType, contentEncoding: nil)
    #expect(exchange.breakOff(breakdown) == .other(.brokenOff(breakdown)))
    _ = exchange.receiveBody(Array("go_goroutines 7\n".utf8))
    #expect(exchange.breakOff(breakdown) == .other(.brokenOff(breakdown)))
  }

  @Test(arguments: [
    Breakdown.timedOut, .closed, .reset, .notHTTP, .endless, .failed(errno: 113),
  ])
  func anIdentityOutlivesABreakdown(breakdown: Breakdown) {
    var exchange = Exchange(.node)
    _ = exchange.receiveHead(status: 200, contentType: Answers.contentType, contentEncoding: nil)
    #expect(exchange.receiveBody(Array("node_exporter_build_info{version=\"1.5.0\"} 1\nnode_un".utf8)) == nil)
    #expect(exchange.breakOff(breakdown) == .exporter(Identity(exporter: "node_exporter", version: "1.5.0")))
  }

  @Test func anExpositionOfAnotherIsNoProof() {
    #expect(
      verdict("go_goroutines 7\npromhttp_metric_handler_requests_in_flight 1\n")
        == .other(.unknown))
    #expect(verdict("") == .other(.noSamples))
  }

  @Test func theLastLineNeedsNoLineFeed() {
    #expect(
      verdict("node_exporter_build_info{version=\"1.5.0\"} 1")
        == .exporter(Identity(exporter: "node_exporter", version: "1.5.0")))
  }
}
