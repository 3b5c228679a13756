import Exporters
import Support
import Synchronization
import Testing

@testable import Probing

private let proof = "node_exporter_build_info{version=\"1.5.0\"} 1\n"
private let proven = Verdict.exporter(Identity(exporter: "node_exporter", version: "1.5.0"))
private let unknown = Verdict.other(.unknown)
private let noSamples = Verdict.other(.noSamples)
private let chunkedHead = Answers.head + "Transfer-Encoding: chunked\r\n\r\n"

@Suite(.timeLimit(.minutes(5))) struct SlowPeers {
  /// Sends a byte every few milliseconds for as long as somebody listens: each read succeeds, the whole never does.
  private func drip(after start: String, _ text: String) throws -> Peer {
    try Peer("127.79.4.1") { connection in
      _ = connection.request()
      connection.send(start)
      let bytes = Array(text.utf8)
      var index = 0
      while connection.isThere(after: 5), connection.send([bytes[index % bytes.count]]) { index += 1 }
    }
  }

  private func expect(_ verdict: Verdict, of peer: Peer) async throws {
    let start = ContinuousClock.now
    // Long enough for the peer to be heard at all on a machine that is busy with the other tests.
    let got = try await probe(peer, timeout: .seconds(3))
    let elapsed = ContinuousClock.now - start
    #expect(got.onAnIdleMachine == verdict)
    #expect(elapsed >= .seconds(3))
  }

  @Test func aSilentOneTimesOut() async throws {
    try await expect(.unfinished(.timedOut), of: try Peer("127.79.4.2") { $0.finishWhenLeft() })
  }

  @Test func aDrippingHeadTimesOut() async throws {
    try await expect(.unfinished(.timedOut), of: try drip(after: "HTTP/1.1 200 OK\r\n", "X-A: b\r\n"))
  }

  @Test func drippingInterimAnswersTimeOut() async throws {
    try await expect(.unfinished(.timedOut), of: try drip(after: "", "HTTP/1.1 100 Continue\r\n\r\n"))
  }

  @Test func aDrippingBodyTimesOut() async throws {
    try await expect(.other(.brokenOff(.timedOut)), of: try drip(after: Answers.head + "\r\n", "x 1\n"))
  }

  @Test func aDrippingBodyThatHasProvenItselfIsKnown() async throws {
    try await expect(proven, of: try drip(after: Answers.head + "\r\n" + proof, "x 1\n"))
  }

  @Test func aDrippingErrorPageIsAnError() async throws {
    let peer = try drip(after: "HTTP/1.1 503 Service Unavailable\r\n\r\n", "x")
    try await expect(.other(.status(503)), of: peer)
  }
}

@Suite(.timeLimit(.minutes(5))) struct EndlessPeers {
  /// The verdict on a peer that sends `text` without an end after `start`, and how many bytes it got rid of.
  private func flood(_ start: String, _ text: String) async throws -> (Verdict, sent: Int) {
    let (counts, count) = AsyncStream<Int>.makeStream()
    let block = String(repeating: text, count: max(1, 4_096 / text.utf8.count))
    let peer = try Peer("127.79.5.1") { connection in
      _ = connection.request()
      connection.send(start)
      count.yield(connection.flood(block))
    }
    let verdict = try await probe(peer)
    return (verdict, await counts.first { _ in true } ?? .max)
  }

  @Test(
    arguments: [
      ("HTTP/1.1 200 OK\r\n", "X-A: b\r\n", .unfinished(.headTooLarge)),
      ("HTTP/1.1 200 OK\r\nX-A: ", "x", .unfinished(.headTooLarge)),
      ("HTTP/1.1 200 OK\r\n", "x", .unfinished(.headTooLarge)),
      ("HTTP/1.1 200 ", "OK", .unfinished(.endless)),
      ("", "HTTP/1.1 100 Continue\r\n\r\n", .unfinished(.endless)),
      ("", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n", .unfinished(.endless)),
      (Answers.head + "\r\n", "x 1\n", unknown),
      (Answers.head + "\r\n", "x", noSamples),
      (Answers.head + "\r\n", "\n", noSamples),
      (Answers.head + "\r\n" + proof, "x 1\n", proven),
      (chunkedHead, "1000\r\n\(String(repeating: "x", count: 4_096))\r\n", noSamples),
      (chunkedHead, "1\r\nx\r\n", .other(.brokenOff(.tooManyPieces))),
      (chunkedHead, "4\r\nxxxx\r\n", .other(.brokenOff(.tooManyPieces))),
      (chunkedHead + "30\r\n\(proof)  \r\n", "1\r\nx\r\n", proven),
      (chunkedHead + "5;", "x", .other(.brokenOff(.endless))),
      (chunkedHead + "0\r\n", "X-Trailer: x\r\n", .other(.brokenOff(.headTooLarge))),
      ("HTTP/1.1 400 Bad Request\r\n\r\n", "x", .other(.status(400))),
      ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "x", .other(.status(503))),
      ("HTTP/1.1 404 Not Found\r\n\r\n", "x", .other(.status(404))),
    ] as [(String, String, Verdict)])
  func aFloodEndsAtItsBound(start: String, text: String, expected: Verdict) async throws {
    let (verdict, sent) = try await flood(start, text)
    #expect(verdict == expected)
    // Half a megabyte is read at most; the rest is in the kernel's buffers on either side.
    #expect(sent < 1_500_000)
  }
}

@Test(.timeLimit(.minutes(5)), arguments: [(0, proven), (1, .unfinished(.headTooLarge))] as [(Int, Verdict)])
func aHeadHasSixteenKibibytesAtMost(beyond: Int, verdict: Verdict) async throws {
  let fields = "Content-TypeX-Padding" + Answers.contentType
  let padding = String(repeating: "x", count: 16_384 - fields.utf8.count + beyond)
  let head = "HTTP/1.1 200 OK\r\nContent-Type: \(Answers.contentType)\r\nX-Padding: \(padding)\r\n\r\n"
  #expect(try await probe(try Peer("127.79.5.2", says: head + proof)) == verdict)
}

@Suite(.timeLimit(.minutes(5))) struct BreakingPeers {
  @Test func oneThatClosesAtOnce() async throws {
    let verdict = try await probe(try Peer("127.79.6.1") { $0.leave() })
    // A request that meets a closed socket is answered with a reset.
    #expect([.unfinished(.closed), .unfinished(.reset)].contains(verdict))
  }

  @Test(
    arguments: [
      ("", .unfinished(.closed)),
      ("H", .unfinished(.cutShort)),
      ("HTTP/1.1 200 OK\r\nContent-Ty", .unfinished(.cutShort)),
      ("HTTP/1.1 100 Continue\r\n\r\n", .unfinished(.cutShort)),
      (Answers.head + "Content-Length: 1000\r\n\r\ngo_goroutines 7\n", .other(.brokenOff(.cutShort))),
      (Answers.head + "Content-Length: 1000\r\n\r\n" + proof, proven),
      (chunkedHead + "1000\r\ngo_goroutines 7\n", .other(.brokenOff(.cutShort))),
      (chunkedHead + "1000\r\n" + proof, proven),
      ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\nx", .other(.status(503))),
    ] as [(String, Verdict)])
  func oneThatClosesInTheMiddle(start: String, verdict: Verdict) async throws {
    #expect(try await probe(try Peer("127.79.6.2", says: start)) == verdict)
  }

  @Test(
    arguments: [
      ("", .unfinished(.reset)),
      ("HTTP/1.1 200 OK\r\nContent-Ty", .unfinished(.cutShort)),
      (Answers.head + "Content-Length: 1000\r\n\r\ngo_goroutines 7\n", .other(.brokenOff(.cutShort))),
      (Answers.head + "Content-Length: 1000\r\n\r\n" + proof, proven),
      (chunkedHead + "1000\r\n" + proof, proven),
      ("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", .other(.speaksTLS)),
      ("HTTP/1.1 400 Bad Request\r\n\r\n" + Answers.disabledCollector, .exporter(Identity(exporter: "node_exporter"))),
    ] as [(String, Verdict)])
  func oneThatResetsInTheMiddle(start: String, verdict: Verdict) async throws {
    let peer = try Peer("127.79.6.3") { connection in
      _ = connection.request()
      connection.send(start)
      // So that the bytes are read before the reset throws them away.
      _ = connection.isThere(after: 50)
      connection.reset()
    }
    #expect(try await probe(peer) == verdict)
  }
}

@Suite(.timeLimit(.minutes(5))) struct ForeignPeers {
  private static let tlsAlert: [UInt8] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]
  private static let mySQL: [UInt8] = [0x4A, 0, 0, 0, 0x0A] + Array("8.0.36\u{0}".utf8)
  private static let http2: [UInt8] = [0, 0, 0x12, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0x80]

  @Test(
    arguments: [
      mySQL, http2, [0], [0xFF, 0xFF], Array("\r\n\r\n\u{0}".utf8), Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8),
      Array("220 mail.example.org ESMTP\r\n".utf8), Array("<html>hello</html>".utf8), Array("x 1\n".utf8),
      Array("HTTP".utf8) + [0x80], Array("HTTP/1.1 abc OK\r\n\r\n".utf8), Array("HTTP/1.1 2000 OK\r\n\r\n".utf8),
      Array("HTTP/7.3 200 OK\r\n\r\n".utf8), Array("ICY 200 OK\r\n\r\n".utf8), Array("GET / HTTP/1.1\r\n\r\n".utf8),
      Array("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".utf8),
      Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n".utf8),
      Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n".utf8),
      Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".utf8),
      Array("HTTP/1.1 200 OK\r\nNo colon\r\n\r\n".utf8), Array("HTTP/1.1 200 OK\r\nA\u{0}: b\r\n\r\n".utf8),
    ] as [[UInt8]])
  func whatIsNotHTTPIsToldAtOnce(bytes: [UInt8]) async throws {
    let peer = try Peer("127.79.7.1") { connection in
      _ = connection.request()
      connection.send(bytes)
      // It waits for an answer in its own tongue.
      connection.finishWhenLeft()
    }
    #expect(try await probe(peer) == .unfinished(.notHTTP))
  }

  @Test func aTLSAlertIsToldAtOnce() async throws {
    let peer = try Peer("127.79.7.1") { connection in
      _ = connection.request()
      connection.send(Self.tlsAlert)
      connection.finishWhenLeft()
    }
    #expect(try await probe(peer) == .other(.speaksTLS))
  }

  @Test(arguments: ["zz\r\n", "FFFFFFFFFFFFFFFFF\r\n"])
  func aBreachOfHTTPWithinAnAnswerBreaksItOff(chunk: String) async throws {
    let peer = try Peer("127.79.7.1") { connection in
      _ = connection.request()
      connection.send(chunkedHead + chunk)
      connection.finishWhenLeft()
    }
    #expect(try await probe(peer) == .other(.brokenOff(.notHTTP)))
  }

  /// What speaks first has said its word before the request is out.
  @Test func theBannerMayComeFirst() async throws {
    let peer = try Peer("127.79.7.2") { connection in
      connection.send("SSH-2.0-OpenSSH_9.2p1\r\n")
      connection.finishWhenLeft()
    }
    #expect(try await probe(peer) == .unfinished(.notHTTP))
  }

  /// A breach of HTTP behind the proof takes nothing back.
  @Test func whatFollowsTheProofCannotUndoIt() async throws {
    let size = String(proof.utf8.count, radix: 16)
    let peer = try Peer("127.79.7.3", says: chunkedHead + "\(size)\r\n\(proof)\r\nzz\r\n")
    #expect(try await probe(peer) == proven)
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func anyBytesComeToAVerdict(seed: UInt64) async throws {
    var random = SplitMix(seed: seed)
    var bytes = Array(Answers.chunked(by: 100).utf8)
    for _ in 0..<Int.random(in: 1...20, using: &random) {
      let index = Int.random(in: bytes.indices, using: &random)
      if Bool.random(using: &random) {
        bytes[index] = UInt8.random(in: .min ... .max, using: &random)
      } else {
        bytes.remove(at: index)
      }
    }
    let text = bytes
    let peer = try Peer("127.79.7.4") { connection in
      _ = connection.request()
      connection.send(text)
      connection.finish()
    }
    let verdict = try await probe(peer)
    #expect(verdict != .unfinished(.timedOut))
    #expect(verdict != .unfinished(.endless))
  }
}
