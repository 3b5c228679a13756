import Addressing
import Exporters
import Glibc
import Synchronization
import Testing

@testable import Probing

private let web01 = Verdict.exporter(
  Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01", startTime: Answers.startTime))

@Suite(.timeLimit(.minutes(5))) struct Requests {
  @Test(arguments: ["127.79.1.1:9100", "[fd00:1::7]:9100", "10.0.0.7:80"])
  func asksForOneCheapCollector(host: String) async throws {
    let endpoint = try #require(Endpoint(host))
    let (requests, request) = AsyncStream<String>.makeStream()
    let (rests, rest) = AsyncStream<Int>.makeStream()
    let peer = try Peer("127.79.1.1") { connection in
      request.yield(connection.request())
      rest.yield(connection.finish())
    }
    _ = try await probe(peer, as: endpoint)
    let expected = """
      GET /metrics?collect%5B%5D=uname HTTP/1.1\r
      Host: \(host)\r
      User-Agent: subnet-sd/1.2.3\r
      Accept: text/plain;version=0.0.4;q=0.9,*/*;q=0.1\r
      Accept-Encoding: identity\r
      Connection: close\r
      \r

      """
    #expect(await requests.first { _ in true } == expected)
    #expect(await rests.first { _ in true } == 0)
  }
}

/// How an answer can come over the wire.
enum Delivery: CaseIterable {
  case atOnce, byteByByte, inHalves

  func send(_ text: String, over connection: Connection) {
    let bytes = Array(text.utf8)
    switch self {
    case .atOnce: connection.send(bytes)
    case .byteByByte: for byte in bytes where !connection.send([byte]) { return }
    case .inHalves:
      connection.send(Array(bytes[..<(bytes.count / 2)]))
      // The first half is read by itself.
      _ = connection.isThere(after: 20)
      connection.send(Array(bytes[(bytes.count / 2)...]))
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct RealAnswers {
  @Test(
    arguments: [
      Answers.chunked(), Answers.chunked(by: 1), Answers.chunked(by: 64), Answers.measured, Answers.unmeasured,
      "HTTP/1.1 100 Continue\r\n\r\n" + Answers.measured,
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + Answers.chunked(),
      Answers.measured.replacing("Content-Type", with: "CONTENT-TYPE"),
      // More than the length says: what is behind it belongs to nobody.
      Answers.measured + "HTTP/1.1 500 Oops\r\n\r\n",
    ], Delivery.allCases)
  func theExporterIsTold(answer: String, delivery: Delivery) async throws {
    let peer = try Peer("127.79.2.1") { connection in
      _ = connection.request()
      delivery.send(answer, over: connection)
      connection.finish()
    }
    #expect(try await probe(peer) == web01)
  }

  @Test(
    arguments: [
      (Answers.whole("400 Bad Request", Answers.disabledCollector), .exporter(Identity(exporter: "node_exporter"))),
      (Answers.whole("400 Bad Request", Answers.disabledCollector), .exporter(Identity(exporter: "node_exporter"))),
      (Answers.plainTextToTLS, .other(.speaksTLS)),
      (
        Answers.whole("503 Service Unavailable", "Limit of concurrent requests reached (40), try again later.\n"),
        .busy(status: 503)
      ),
      (Answers.whole("429 Too Many Requests", ""), .busy(status: 429)),
      (Answers.whole("401 Unauthorized", "Unauthorized"), .other(.unauthorized(.none))),
      (Answers.whole("302 Found\r\nLocation: /metrics", ""), .other(.redirect(status: 302))),
      (Answers.whole("404 Not Found", "404 page not found\n"), .other(.status(404))),
      (Answers.whole("200 OK", "it works"), .other(.noSamples)),
      ("HTTP/1.1 204 No Content\r\n\r\n", .other(.status(204))),
      ("HTTP/1.1 304 Not Modified\r\n\r\n", .other(.redirect(status: 304))),
      ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", .other(.status(101))),
      ("HTTP/1.1 200 OK\r\n\r\n<html>", .other(.notAnExposition(contentType: nil))),
      ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", .other(.notAnExposition(contentType: "text/html"))),
      (
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n\u{1F}",
        .other(.encoded("gzip"))
      ),
    ] as [(String, Verdict)], [Delivery.atOnce, .byteByByte])
  func soIsWhatIsNone(answer: (text: String, verdict: Verdict), delivery: Delivery) async throws {
    let peer = try Peer("127.79.2.2") { connection in
      _ = connection.request()
      delivery.send(answer.text, over: connection)
      connection.finish()
    }
    #expect(try await probe(peer) == answer.verdict)
  }
}

@Suite(.timeLimit(.minutes(5))) struct Deliveries {
  @Test func twoHundredAtOnce() async throws {
    let peer = try Peer("127.79.3.1", says: Answers.chunked())
    let verdicts = try await withThrowingTaskGroup(of: Verdict.self) { group in
      for _ in 0..<200 { group.addTask { try await probe(peer) } }
      return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(verdicts == [web01: 200])
  }

  @Test(arguments: [Answers.chunked(), Answers.whole("404 Not Found", ""), "SSH-2.0-OpenSSH_9.2p1\r\n", ""])
  func aVerdictComesOnceAndAfterTheSocketIsClosed(answer: String) async throws {
    let peer = try Peer("127.79.3.2", says: answer)
    let descriptor = try peer.endpoint.connect()
    let socket = try #require(inode(of: descriptor))
    let heard = Mutex(0)
    let told = Told(heard)
    let isOpen = await withCheckedContinuation { continuation in
      prober.ask(.node, descriptor: descriptor, of: peer.endpoint, timeout: .seconds(20)) { _ in
        told.count.withLock { $0 += 1 }
        // The number may be another socket's by now.
        if told.count.withLock({ $0 }) == 1 { continuation.resume(returning: inode(of: descriptor) == socket) }
      }
    }
    #expect(!isOpen)
    // The prober's one thread has been through everything that was left of the first when it has a second.
    _ = try await probe(peer)
    #expect(told.count.withLock { $0 } == 1)
  }

  /// A mutex cannot be copied into a closure.
  private final class Told: Sendable {
    let count: Mutex<Int>
    init(_ count: consuming Mutex<Int>) { self.count = count }
  }
}

private func inode(of descriptor: Int32) -> UInt64? {
  var status = stat()
  return unsafe fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
}
