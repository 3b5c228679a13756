import Exporters
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Support
import Testing

@testable import Probing

/// Gives a peer's bytes to the carrier of a question, in reads of so many bytes; returns the verdict, if there is one by then.
func read(_ bytes: [UInt8], by length: Int, _ question: Prober.Question = .node) throws -> Verdict? {
  final class Heard: @unchecked Sendable {
    // Safe as the embedded channel runs on this very thread.
    var verdict: Verdict?
  }
  let channel = EmbeddedChannel()
  let heard = Heard()
  try Prober.equip(
    channel, for: question, headers: HTTPHeaders(), timeout: .seconds(1), room: HandshakeRoom(), load: LoopLoad(),
    trace: nil, AnswerOnce { heard.verdict = $0.verdicts.last }, RequestCount())
  try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9100)).wait()
  var rest = bytes[...]
  while !rest.isEmpty, channel.isActive {
    // What a hostile peer says may end the channel with an error.
    _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(length)))
    channel.embeddedEventLoop.run()
    rest = rest.dropFirst(length)
  }
  defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
  return heard.verdict
}

/// A way of saying something at length: its first bytes, and what follows as often as wanted.
struct Length: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let start: String
  let more: String
  /// How often at first.
  let count: Int
  /// The bytes of a read.
  var read = 8_192

  var bytes: (Int) -> [UInt8] {
    { Array(start.utf8) + Array(repeatElement(Array(more.utf8), count: $0).joined()) }
  }

  private static let bad = "HTTP/1.1 400 Bad Request\r\n"
  private static let chunked = "Transfer-Encoding: chunked\r\n\r\n"

  static let all = [
    Length(testDescription: "a page in chunks of a byte", start: bad + chunked, more: "1\r\nx\r\n", count: 1_000),
    Length(testDescription: "a page in reads of a byte", start: bad + "\r\n", more: "x", count: 1_000, read: 1),
    Length(
      testDescription: "an exposition in chunks of a byte", start: Answers.head + chunked, more: "1\r\nx\r\n",
      count: 4_000),
    Length(
      testDescription: "empty lines in chunks of a byte", start: Answers.head + chunked, more: "1\r\n\n\r\n",
      count: 4_000),
    Length(
      testDescription: "an exposition in reads of a byte", start: Answers.head + "\r\n", more: "x 1\n", count: 1_000,
      read: 1),
    Length(
      testDescription: "one line in reads of a byte", start: Answers.head + "\r\n", more: "x", count: 1_900, read: 1),
    Length(testDescription: "lines of a byte", start: Answers.head + "\r\n", more: "x\n", count: 10_000),
    Length(
      testDescription: "one line of many labels", start: Answers.head + "\r\nx{", more: "a=\"\",", count: 300),
    Length(
      testDescription: "a head in reads of a byte", start: "HTTP/1.1 200 OK\r\nX-A: ", more: "x", count: 3_000, read: 1),
    Length(testDescription: "a head of many fields", start: "HTTP/1.1 200 OK\r\n", more: "a:\r\n", count: 1_000),
    Length(
      testDescription: "a head of many fields in reads of a byte", start: "HTTP/1.1 200 OK\r\n", more: "a:\r\n",
      count: 800, read: 1),
    Length(
      testDescription: "a chunk's extension in reads of a byte", start: Answers.head + chunked + "5;", more: "x",
      count: 4_000, read: 1),
    Length(testDescription: "trailers", start: Answers.head + chunked + "0\r\n", more: "a:b\r\n", count: 700),
    Length(
      testDescription: "trailers in reads of a byte", start: Answers.head + chunked + "0\r\n", more: "a:b\r\n",
      count: 700, read: 1),
    Length(
      testDescription: "interim answers", start: "", more: "HTTP/1.1 100 Continue\r\n\r\n", count: 300),
    Length(
      testDescription: "interim answers in reads of a byte", start: "", more: "HTTP/1.1 100 Continue\r\n\r\n",
      count: 200, read: 1),
  ]
}

@Suite(.serialized) struct Costs {
  /// A peer decides in which pieces its words come; what they cost goes with their number, not with its square.
  @Test(arguments: Length.all) func ofWhatAPeerSaysGoWithItsLength(_ length: Length) throws {
    let growth = try ProcessorTime.growth(from: length.count) { _ = try read(length.bytes($0), by: length.read) }
    #expect(ProcessorTime.linear.contains(growth))
  }

  private static let chunkedHead = Answers.head + "Transfer-Encoding: chunked\r\n\r\n"

  @Test(
    arguments: [
      (chunkedHead + String(repeating: "1\r\nx\r\n", count: 40_000), 8_192, .other(.brokenOff(.tooManyPieces))),
      (Answers.head + "\r\n" + String(repeating: "x 1\n", count: 10_000), 1, .other(.brokenOff(.tooManyPieces))),
    ] as [(String, Int, Verdict?)])
  func haveABound(text: String, length: Int, verdict: Verdict?) throws {
    #expect(try read(Array(text.utf8), by: length) == verdict)
  }

  /// As an exporter does that writes each line, or each byte of a small page, as a chunk of its own.
  @Test(arguments: [(4_000, 60), (30_000, 1)])
  func haveRoomForAnHonestExporter(chunks: Int, length: Int) throws {
    let line = String(length, radix: 16) + "\r\n" + String(repeating: "x", count: length - 1) + "\n\r\n"
    let proof = "node_exporter_build_info{version=\"1.5.0\"} 1\n"
    let end = String(proof.utf8.count, radix: 16) + "\r\n" + proof + "\r\n0\r\n\r\n"
    let verdict = try read(Array((Self.chunkedHead + String(repeating: line, count: chunks) + end).utf8), by: 8_192)
    #expect(verdict == .exporter(Identity(exporter: "node_exporter", version: "1.5.0")))
  }
}

@Suite struct Efforts {
  /// Of processor time, by a clock that the test moves.
  private final class Clock {
    var now: Int64 = 0
  }

  @Test func endWithTheTimeThatAnExchangeHas() {
    let clock = Clock()
    var effort = Effort(exchanges: 2) { clock.now }
    effort.begin()
    clock.now += 1_000_000_000
    effort.end()
    // What passes between two reads is nobody's.
    clock.now += 1_000_000_000
    #expect(effort.excess == nil)
    effort.begin()
    clock.now += 1
    effort.end()
    #expect(effort.excess == .tooCostly)
  }

  @Test func endWithThePiecesThatAnExchangeHas() {
    var effort = Effort(exchanges: 1)
    for _ in 0..<Effort.maxPieces { effort.countPiece() }
    #expect(effort.excess == nil)
    effort.countPiece()
    #expect(effort.excess == .tooManyPieces)
  }

  @Test func areLessWhereOthersWait() {
    let clock = Clock()
    var effort = Effort(exchanges: 1) { clock.now }
    for _ in 0..<Effort.maxPieces / Effort.thrift { effort.countPiece() }
    #expect(effort.excessAmongOthers == nil)
    effort.begin()
    clock.now += 62_500_001
    effort.end()
    #expect(effort.excessAmongOthers == .tooCostly)
    effort.countPiece()
    #expect(effort.excessAmongOthers == .tooManyPieces)
    #expect(effort.excess == nil)
  }
}
