import Exporters
import NIOCore
import Support
import Synchronization
import Testing

@testable import Probing

/// What a server of TLS 1.2 says first: a greeting, and a chain of the smallest certificates there are.
enum Chain {
  private static func value(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
    let body = parts.flatMap(\.self)
    // All are shorter than 256 bytes (DER: ITU-T X.690, section 8.1.3).
    let length: [UInt8] = body.count < 128 ? [UInt8(body.count)] : [0x81, UInt8(body.count)]
    return [tag] + length + body
  }

  private static func certificate(of key: [UInt8]) -> [UInt8] {
    let algorithm = value(0x30, value(6, [0x2A, 3]))
    let time = value(0x17, Array("250101000000Z".utf8))
    let body = value(
      0x30, value(2, [1]), algorithm, value(0x30), value(0x30, time, time), value(0x30), key)
    return value(0x30, body, algorithm, value(3, [0]))
  }

  /// Of the curve's base point (SEC 2, P-256), whose secret is 1.
  private static let leaf: [UInt8] = {
    let point: [UInt8] =
      [4]
      + [0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2]
      + [0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96]
      + [0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16]
      + [0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5]
    let curve = value(
      0x30, value(6, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]), value(6, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7]))
    return certificate(of: value(0x30, curve, value(3, [0], point)))
  }()
  private static let tiny = certificate(of: value(0x30, value(0x30, value(6, [0x2A, 3])), value(3, [0])))

  private static func number(_ count: Int) -> [UInt8] {
    [UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)]
  }

  /// Records of at most `size` bytes with some `length` bytes of certificates.
  static func records(_ length: Int, by size: Int = 16_384) -> [UInt8] {
    let one = number(tiny.count) + tiny
    var certificates = number(leaf.count) + leaf
    for _ in 0..<max(0, (length - certificates.count) / one.count) { certificates += one }
    let hello: [UInt8] = [2] + number(38) + [3, 3] + Array(repeating: 7, count: 32) + [0, 0xC0, 0x2B, 0]
    let messages = hello + [11] + number(certificates.count + 3) + number(certificates.count) + certificates
    var records: [UInt8] = []
    for start in stride(from: 0, to: messages.count, by: size) {
      let part = messages[start..<min(start + size, messages.count)]
      records += [0x16, 3, 3, UInt8(part.count >> 8), UInt8(part.count & 255)] + part
    }
    return records
  }
}

@Suite(.timeLimit(.minutes(5))) struct HandshakeRooms {
  private let question: Prober.Question

  init() throws {
    let tls = try TLSClient(TLSClient.Material(), serverName: nil, isVerifying: false)
    question = Prober.Question(["/metrics"], .node, tls: tls)
  }

  @Test func aHandshakeHasSixtyFourKibibytesAtMost() async throws {
    let peer = try Peer("127.79.11.1") { connection in
      connection.send(Chain.records(90_000))
      connection.finishWhenLeft()
    }
    #expect(try await ask(question, of: peer).verdicts == [.unfinished(.handshakeTooLarge)])
  }

  /// The bound is of the handshake alone, and counts what is beneath TLS.
  @Test(arguments: [(60_000, 16_384, nil), (12_000, 1, .unfinished(.handshakeTooLarge))] as [(Int, Int, Verdict?)])
  func framingCounts(length: Int, size: Int, verdict: Verdict?) throws {
    #expect(try read(Chain.records(length, by: size), by: 8_192, question) == verdict)
  }

  @Test func recordsOfAByteGoWithTheirNumber() throws {
    let growth = try ProcessorTime.growth(from: 2_500) { _ = try read(Chain.records($0, by: 1), by: 8_192, question) }
    #expect(ProcessorTime.linear.contains(growth))
  }

  /// Ninety-six may answer, and eight of them at length; who has more to say than is read of all is told so.
  @Test func onlySomeMaySendMuch() async throws {
    let peer = try Peer("127.79.11.2") { connection in
      connection.send(Chain.records(20_000))
      connection.finishWhenLeft()
    }
    let question = question
    // Long enough that more than eight are there at a time, however late a busy machine begins each of them.
    let verdicts = try await withThrowingTaskGroup(of: [Verdict].self) { group in
      for _ in 0..<20 {
        group.addTask { try await ask(question, of: peer, timeout: .seconds(10)).verdicts.map(\.onAnIdleMachine) }
      }
      return try await group.reduce(into: [Verdict]()) { $0 += $1 }
    }
    let large = verdicts.count { $0 == Verdict.unfinished(.handshakeTooLarge) }
    let stalled = verdicts.count { $0 == Verdict.unfinished(.timedOut) }
    #expect(large + stalled == 20)
    #expect(stalled >= 8)
    #expect(large > 0)
  }

  /// A place that is left is another's, also where its owner goes while it waits.
  @Test func placesAreGivenBack() async throws {
    let certificates = OpenSSL.isThere ? try Certificates.all.get() : nil
    let stalling = try Peer("127.79.11.3") { connection in
      connection.send(Chain.records(20_000))
      connection.reset()
    }
    for _ in 0..<3 {
      await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<100 { group.addTask { _ = try await ask(question, of: stalling, timeout: .seconds(2)) } }
      }
    }
    guard let certificates else { return }
    withExtendedLifetime(certificates) {}
    let server = try TLSServer("good")
    let honest = Prober.Question(["/metrics?collect%5B%5D=uname"], .node, tls: question.tls)
    let answer = try await ask(honest, at: server.endpoint)
    withExtendedLifetime(server) {}
    guard case .exporter? = answer.verdicts.last else {
      Issue.record("\(answer.verdicts)")
      return
    }
  }
}
