import Exporters
import Testing

@testable import Probing

private let proof = "node_exporter_build_info{version=\"1.5.0\"} 1\n"

/// What an exposition proves that comes as `pieces`.
private func verdict(_ pieces: [ArraySlice<UInt8>]) -> Verdict {
  var exchange = Exchange(.node)
  _ = exchange.receiveHead(status: 200, contentType: Answers.contentType, contentEncoding: nil)
  for piece in pieces {
    if let verdict = exchange.receiveBody(Array(piece)) { return verdict }
  }
  return exchange.finish()
}

private func verdict(_ text: String) -> Verdict { verdict([Array(text.utf8)[...]]) }

private func node(version: String? = "1.5.0", nodename: String? = nil, startTime: Double? = nil) -> Verdict {
  .exporter(Identity(exporter: "node_exporter", version: version, nodename: nodename, startTime: startTime))
}

private let web01 = node(nodename: "web-01", startTime: Answers.startTime)

@Test func theProofMayBeCutAtEveryByte() {
  let bytes = Array(Answers.exposition.utf8)
  let harmful = bytes.indices.filter { verdict([bytes[..<$0], bytes[$0...]]) != web01 }
  #expect(harmful == [])
  #expect(verdict(bytes.indices.map { bytes[$0...$0] }) == web01)
}

@Test func noMoreIsReadThanIsNeeded() {
  var exchange = Exchange(.node)
  _ = exchange.receiveHead(status: 200, contentType: Answers.contentType, contentEncoding: nil)
  let lines = Answers.exposition.split(separator: "\n", omittingEmptySubsequences: false)
  let needed = lines.prefix { !$0.hasPrefix("# HELP process_virtual") }.joined(separator: "\n")
  #expect(exchange.receiveBody(Array(needed.utf8)) == nil)
  #expect(exchange.receiveBody([UInt8(ascii: "\n")]) == web01)
}

private let expositions: [(String, Verdict)] = [
  (proof, node()),
  ("node_exporter_build_info 1\n", node(version: nil)),
  ("node_exporter_build_info{} 1\n", node(version: nil)),
  ("node_exporter_build_info{revision=\"x\"} 1\n", node(version: nil)),
  (proof + "node_uname_info{nodename=\"a\"} 1\n", node(nodename: "a")),
  ("node_uname_info{nodename=\"a\"} 1\n" + proof, node(nodename: "a")),
  ("node_uname_info{nodename=\"a\"} 1\nx 1\n" + proof + "x 1\n", node(nodename: "a")),
  (proof + "node_uname_info{nodename=\"\\u0000\"} 1\n", node()),
  (proof + "node_uname_info{nodename=\"\"} 1\n", node()),
  (proof + "node_uname_info{sysname=\"Linux\"} 1\n", node()),
  (proof + "node_uname_info 1\n", node()),
  (proof + "node_uname_info{nodename=\"\"} 1\nnode_uname_info{nodename=\"b\"} 1\n", node(nodename: "b")),
  (proof + "node_uname_info{nodename=\"a\"} 1\nnode_uname_info{nodename=\"b\"} 1\n", node(nodename: "a")),
  (proof + "node_exporter_build_info{version=\"9\"} 1\n", node()),
  (proof + "process_start_time_seconds 1.5e9\n", node(startTime: 1.5e9)),
  (proof + "process_start_time_seconds 1.5e9 1395066363000\n", node(startTime: 1.5e9)),
  (proof + "process_start_time_seconds NaN\n", node()),
  (proof + "process_start_time_seconds +Inf\n", node()),
  (proof + "process_start_time_seconds soon\n", node()),
  ("process_start_time_seconds 1\n" + proof + "process_start_time_seconds 2\n", node(startTime: 1)),
  ("process_start_time_seconds 1\n", .other(.unknown)),
  ("# node_exporter_build_info{version=\"1.5.0\"} 1\n", .other(.noSamples)),
  ("# HELP node_exporter_build_info x\n# TYPE node_exporter_build_info gauge\n", .other(.noSamples)),
  ("node_exporter_build_info2{version=\"1.5.0\"} 1\n", .other(.unknown)),
  ("my_node_exporter_build_info{version=\"1.5.0\"} 1\n", .other(.unknown)),
  ("x{a=\"\\nnode_exporter_build_info 1\"} 1\n", .other(.unknown)),
  ("node_exporter_build_info{version=\"1.5.0\n", .other(.noSamples)),
  ("node_uname_info{nodename=\"a\"} 1\n", .other(.unknown)),
]

@Test(arguments: expositions)
func theFamiliesAreTheProof(exposition: String, expected: Verdict) {
  #expect(verdict(exposition) == expected)
}

@Suite struct HostileNames {
  private static let longest = String(repeating: "n", count: 255)

  @Test(arguments: [
    ("a", "a"), ("web-01.example.org", "web-01.example.org"), ("Zürich 東京", "Zürich 東京"), ("<script>", "<script>"),
    (#"a\\b"#, #"a\b"#), (#"a\"b"#, #"a"b"#), ("__meta__", "__meta__"), (longest, longest),
    (String(repeating: "é", count: 127), String(repeating: "é", count: 127)),
  ])
  func aNameIsTakenAsItIs(written: String, nodename: String) {
    #expect(verdict(proof + "node_uname_info{nodename=\"\(written)\"} 1\n") == node(nodename: nodename))
    #expect(verdict("node_exporter_build_info{version=\"\(written)\"} 1\n") == node(version: nodename))
  }

  @Test(arguments: [
    "", #"a\nb"#, "a\u{0}b", "a\u{1B}[31mb", "a\rb", "a\tb", "a\u{7F}", "a\u{85}b", "\u{202E}a", "a\u{2066}b",
    "a\u{200B}b",
    "a\u{200F}", "\u{FEFF}a", "a\u{2028}b", "a\u{2029}b", "a\u{E000}b", "a\u{FFFF}b", "a\u{E0001}b", "a\u{AD}b",
    longest + "n", String(repeating: "é", count: 128), String(repeating: "n", count: 8_000),
  ])
  func whatMayNotStandInALabelIsLeftOut(written: String) {
    #expect(verdict(proof + "node_uname_info{nodename=\"\(written)\"} 1\n") == node())
    #expect(verdict("node_exporter_build_info{version=\"\(written)\"} 1\n") == node(version: nil))
  }

  @Test func whatIsNotUTF8IsNoSample() {
    let hostile = Array("node_uname_info{nodename=\"a".utf8) + [0xFF] + Array("\"} 1\n".utf8)
    #expect(verdict([Array(proof.utf8)[...], hostile[...]]) == node())
  }

  @Test func anUnfitNameDoesNotEndTheSearch() {
    let lines = proof + "node_uname_info{nodename=\"\u{202E}\"} 1\n" + "node_uname_info{nodename=\"b\"} 1\n"
    #expect(verdict(lines) == node(nodename: "b"))
  }

  @Test func aLineThatIsTooLongIsNoProof() {
    let long = "node_exporter_build_info{x=\"\(String(repeating: "x", count: 9_000))\",version=\"1\"} 1\n"
    #expect(verdict(long) == .other(.noSamples))
    #expect(verdict(long + proof) == node())
  }
}

@Suite struct BodyBound {
  /// A body that has the proof's line feed as its byte number `end`.
  private func body(endingAt end: Int) -> String {
    let filling = end - proof.utf8.count
    let line = "x 1\n"
    return String(repeating: "#", count: filling % 4) + String(repeating: line, count: filling / 4 - 1) + "\n\n\n\n"
      + proof
  }

  @Test(arguments: [262_143, 262_144])
  func aProofWithinTheBoundCounts(end: Int) {
    let text = body(endingAt: end)
    #expect(text.utf8.count == end)
    #expect(verdict(text + "y 1\n") == node())
  }

  /// A cut in the middle of the line leaves nothing that could be read as the proof.
  @Test(arguments: [2, 3, 20, 44, 45, 1_000])
  func aProofBehindTheBoundDoesNot(beyond: Int) {
    #expect(verdict(body(endingAt: 262_144 + beyond)) == .other(.unknown))
  }

  @Test func theBoundHoldsOverPieces() {
    let bytes = Array(body(endingAt: 262_144 + 1_000).utf8)
    let pieces = stride(from: 0, to: bytes.count, by: 1_021).map { bytes[$0..<min($0 + 1_021, bytes.count)] }
    #expect(verdict(pieces) == .other(.unknown))
  }

  @Test func theBoundEndsTheExchange() {
    var exchange = Exchange(.node)
    _ = exchange.receiveHead(status: 200, contentType: Answers.contentType, contentEncoding: nil)
    let piece = Array(repeating: UInt8(ascii: "\n"), count: 65_536)
    for _ in 0..<3 { #expect(exchange.receiveBody(piece) == nil) }
    #expect(exchange.receiveBody(piece) == .other(.noSamples))
    #expect(exchange.receiveBody(piece) == .other(.noSamples))
  }

  @Test func aNameBehindTheBoundIsLeftOut() {
    let filling = String(repeating: "x 1\n", count: 262_144 / 4)
    #expect(verdict(proof + filling + "node_uname_info{nodename=\"a\"} 1\n") == node())
  }
}
