import Exporters
import Support
import Testing

@testable import Probing

/// Peers that speak no TLS, or do it badly, where TLS is spoken to them.
@Suite(.timeLimit(.minutes(5))) struct HostileTLSPeers {
  private let question: Prober.Question

  init() throws {
    let tls = try TLSClient(TLSClient.Material(), serverName: nil, isVerifying: false)
    question = Prober.Question(["/metrics"], .node, tls: tls)
  }

  /// Waits for the first bytes of a handshake, and then serves.
  private func peer(_ serve: @escaping @Sendable (Connection) -> Void) throws -> Peer {
    try Peer("127.79.10.1") { connection in
      while connection.isThere(after: 50) {}
      serve(connection)
    }
  }

  private static let refused = Verdict.other(.handshakeRefused("it does not come to an end"))

  @Test(
    arguments: [
      ("", .unfinished(.closed)), ("HTTP/1.1 400 Bad Request\r\n\r\nno TLS here", .other(.plainHTTP(nil))),
      ("HTTP/1.0 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>", .other(.plainHTTP(nil))),
      ("HTTP/1.1 200 OK\r\n\r\n", .other(.plainHTTP(nil))), ("HTTP/", .other(.plainHTTP(nil))),
      ("http/1.1 400 Bad Request\r\n", .unfinished(.notTLS)), (" HTTP/1.1 400 Bad Request\r\n", .unfinished(.notTLS)),
      ("HTTPS/1.1 200 OK\r\n", .unfinished(.notTLS)), ("<!DOCTYPE html>", .unfinished(.notTLS)),
      ("SSH-2.0-OpenSSH_9.2p1\r\n", .unfinished(.notTLS)), ("220 mail.example.org ESMTP\r\n", .unfinished(.notTLS)),
      ("\0\0\0\0\0\0\0\0", .unfinished(.notTLS)), ("x 1\n", refused),
      ("go_goroutines 7\n", .unfinished(.notTLS)),
    ] as [(String, Verdict)])
  func whoSpeaksNoTLSIsTold(text: String, verdict: Verdict) async throws {
    let peer = try peer { connection in
      connection.send(text)
      connection.finish()
    }
    let verdicts = try await ask(question, of: peer).verdicts
    #expect(verdicts == [verdict])
  }

  /// However it is cut into pieces.
  @Test func plainHTTPIsKnownByItsFirstBytes() async throws {
    let peer = try peer { connection in
      for byte in "HTTP/1.1 400 Bad Request\r\n\r\n" { connection.send(String(byte)) }
      connection.finish()
    }
    #expect(try await ask(question, of: peer).verdicts == [.other(.plainHTTP(nil))])
  }

  @Test(
    arguments: [
      // Alerts: handshake failure, unknown CA, certificate required, protocol version.
      ([0x15, 3, 3, 0, 2, 2, 40], .other(.handshakeRefused("handshake failure"))),
      ([0x15, 3, 3, 0, 2, 2, 48], .other(.handshakeRefused("unknown ca"))),
      ([0x15, 3, 3, 0, 2, 2, 70], .other(.handshakeRefused("protocol version"))),
    ] as [([UInt8], Verdict)])
  func anAlertIsARefusal(bytes: [UInt8], verdict: Verdict) async throws {
    let peer = try peer { connection in
      connection.send(bytes)
      connection.finishWhenLeft()
    }
    let verdicts = try await ask(question, of: peer).verdicts
    #expect(verdicts == [verdict])
  }

  private func expectTimeout(of peer: Peer) async throws {
    let start = ContinuousClock.now
    let answer = try await ask(question, of: peer, timeout: .seconds(2))
    #expect(answer.verdicts.map(\.onAnIdleMachine) == [.unfinished(.timedOut)])
    #expect(ContinuousClock.now - start >= .seconds(2))
  }

  @Test func aSilentOneTimesOut() async throws {
    try await expectTimeout(of: peer { $0.finishWhenLeft() })
  }

  /// The beginning of a record of 16 KiB, a byte now and then.
  @Test func aDrippingHandshakeTimesOut() async throws {
    try await expectTimeout(
      of: Peer("127.79.10.2") { connection in
        connection.send([0x16, 3, 3, 0x40, 0, 2, 0, 0x3F, 0xFC])
        while connection.send([0]), connection.waits(5) {}
      })
  }

  @Test(
    arguments: [
      // Records of a handshake that begins with nothing; warnings; application data; a message of 16 MiB.
      [0x16, 3, 3, 0, 4, 0, 0, 0, 0], [0x15, 3, 3, 0, 2, 1, 90], [0x17, 3, 3, 0, 1, 0],
      [0x16, 3, 3, 0, 4, 2, 0xFF, 0xFF, 0xFF], [0x16, 3, 3, 0, 0],
    ] as [[UInt8]])
  func anEndlessHandshakeEndsAtItsBound(record: [UInt8]) async throws {
    let (counts, count) = AsyncStream<Int>.makeStream()
    let peer = try peer { connection in
      count.yield(connection.flood(Array(repeatElement(record, count: 500).joined())))
    }
    let answer = try await ask(question, of: peer)
    #expect([Self.refused, .unfinished(.notTLS), .unfinished(.endless)].contains(answer.verdicts[0]))
    #expect(answer.verdicts.count == 1)
    #expect(await counts.first { _ in true } ?? .max < 1_500_000)
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func anyBytesComeToAVerdict(seed: UInt64) async throws {
    var random = SplitMix(seed: seed)
    var bytes: [UInt8] = [0x16, 3, UInt8.random(in: 0...4, using: &random), 0, 122, 2, 0, 0, 118, 3, 3]
    for _ in 0..<Int.random(in: 0...300, using: &random) { bytes.append(.random(in: .min ... .max, using: &random)) }
    let text = bytes
    let peer = try peer { connection in
      connection.send(text)
      connection.finish()
    }
    let answer = try await ask(question, of: peer)
    #expect(answer.verdicts.count == 1)
    switch answer.verdicts.first {
    case .other(.handshakeRefused), .unfinished(.notTLS), .unfinished(.closed), .unfinished(.cutShort): break
    case let verdict: Issue.record("\(String(describing: verdict))")
    }
  }
}
