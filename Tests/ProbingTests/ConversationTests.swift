import Exporters
import Synchronization
import Testing

@testable import Probing

private let web01 = Verdict.exporter(
  Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01", startTime: Answers.startTime))

/// An answer after which the connection stays open.
private func answer(_ status: String, _ body: String = "", type: String = "text/plain") -> String {
  "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

private let notFound = answer("404 Not Found", "404 page not found\n")
private let unknown = answer("200 OK", "go_goroutines 7\n")
private let node = answer("200 OK", Answers.exposition)

/// Requests in the order in which a peer read them.
private final class Received: Sendable {
  private let texts = Mutex<[[String]]>([])

  /// By connection.
  var all: [[String]] { texts.withLock(\.self) }

  func begin() -> Int {
    texts.withLock { texts in
      texts.append([])
      return texts.count - 1
    }
  }

  func note(_ text: String, on connection: Int) { texts.withLock { $0[connection].append(text) } }
}

@Suite(.timeLimit(.minutes(5))) struct Conversations {
  private let requests = Received()

  /// Gives these answers on each connection, and then says that no more comes.
  private func peer(_ answers: String..., thenStays: Bool = false) throws -> Peer {
    try Peer("127.79.8.1") { [requests] connection in
      let number = requests.begin()
      for answer in answers {
        requests.note(connection.request(), on: number)
        connection.send(answer)
      }
      if thenStays { connection.finishWhenLeft() } else { connection.finish() }
    }
  }

  private func question(_ targets: String...) -> Prober.Question { Prober.Question(targets, .node) }

  private func line(_ request: String) -> String {
    let first = String(request.prefix { $0 != "\r\n" })
    return first + (request.contains("\r\nConnection: close\r\n") ? " close" : "")
  }

  /// The first line of each request, and whether it is the last on its connection.
  private var lines: [[String]] {
    requests.all.map { $0.map(line) }
  }

  @Test func severalQuestionsShareAConnection() async throws {
    let answer = try await ask(question("/a", "/b?x=1", "/c"), of: peer(notFound, unknown, node))
    #expect(answer.verdicts == [.other(.status(404)), .other(.unknown), web01])
    #expect(lines == [["GET /a HTTP/1.1", "GET /b?x=1 HTTP/1.1", "GET /c HTTP/1.1 close"]])
  }

  @Test func theProofIsTheLastAnswer() async throws {
    let answer = try await ask(question("/a", "/b", "/c"), of: peer(notFound, node, thenStays: true))
    #expect(answer.verdicts == [.other(.status(404)), web01])
    #expect(lines.first?.count == 2)
  }

  @Test(arguments: [
    Answers.whole("404 Not Found", "x"), "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\n\r\nto the end",
  ])
  func whoClosesAfterEachAnswersOne(text: String) async throws {
    let answer = try await ask(question("/a", "/b"), of: peer(text))
    #expect(answer.verdicts == [.other(.status(404))])
  }

  /// A connection that is kept may end at any time (RFC 9112, section 9.5): the next question was not heard.
  @Test func whoClosesUnannouncedAnswersOne() async throws {
    let answer = try await ask(question("/a", "/b"), of: peer(notFound))
    #expect(answer.verdicts == [.other(.status(404))])
  }

  @Test func aBreachInTheSecondAnswerIsItsVerdict() async throws {
    let answer = try await ask(question("/a", "/b"), of: peer(notFound, "SSH-2.0-OpenSSH_9.2p1\r\n", thenStays: true))
    #expect(answer.verdicts == [.other(.status(404)), .unfinished(.notHTTP)])
  }

  @Test func anAnswerWithoutAnEndIsTheLast() async throws {
    let flood = try Peer("127.79.8.1") { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
      _ = connection.flood("1000\r\n\(String(repeating: "x", count: 4_096))\r\n")
    }
    #expect(try await ask(question("/a", "/b"), of: flood).verdicts == [.other(.status(404))])
  }

  @Test func oneDeadlineIsForAll() async throws {
    let peer = try peer(notFound, thenStays: true)
    let start = ContinuousClock.now
    let answer = try await ask(question("/a", "/b"), of: peer, timeout: .seconds(2))
    #expect(answer.verdicts.map(\.onAnIdleMachine) == [.other(.status(404)), .unfinished(.timedOut)])
    #expect(ContinuousClock.now - start >= .seconds(2))
  }

  @Test func eachStepIsTold() async throws {
    let (steps, step) = AsyncStream<Prober.Step>.makeStream()
    _ = try await ask(question("/a", "/b"), of: peer(notFound, node)) { step.yield($0) }
    step.finish()
    let told = await steps.reduce(into: []) { $0.append($1) }
    #expect(
      told == [
        .asked(target: "/a"), .answered(status: 404, contentType: "text/plain"), .asked(target: "/b"),
        .answered(status: 200, contentType: "text/plain"), .proved(family: "node_exporter_build_info"),
      ])
  }

  @Test(arguments: [
    ("Server: CUPS/2.4 IPP/2.1\r\n", "CUPS/2.4 IPP/2.1"), ("", nil), ("Server: a\u{1B}[31mb\r\n", nil),
    ("server: \u{202E}x\r\n", "?x"),
    ("Server: \(String(repeating: "s", count: 100))\r\n", String(repeating: "s", count: 80)),
  ])
  func whatThePeerCallsItselfIsTold(header: String, server: String?) async throws {
    let answer = try await ask(question("/"), of: peer("HTTP/1.1 404 Not Found\r\n\(header)\r\n"))
    #expect(answer.server == server)
  }

  @Test(arguments: ["Basic cHJvbTpzw7xzcw==", "Bearer abc.def"])
  func credentialsStandInEachRequest(authorization: String) async throws {
    let peer = try peer(notFound, notFound)
    _ = try await ask(Prober.Question(["/a", "/b"], .node, authorization: authorization), of: peer)
    let all = requests.all.flatMap(\.self)
    #expect(all.count == 2)
    #expect(all.allSatisfy { $0.contains("\r\nAuthorization: \(authorization)\r\n") })
  }

  @Test func whoWantsCredentialsIsToldByWhatItGot() async throws {
    let peer = try peer(answer("401 Unauthorized"))
    var question = question("/")
    #expect(try await ask(question, of: peer).verdicts == [.other(.unauthorized(.none))])
    question.authorization = "Basic eA=="
    #expect(try await ask(question, of: peer).verdicts == [.other(.unauthorized(.sent))])
  }
}
