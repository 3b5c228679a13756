import Exposition
import Foundation
import NIOCore
import Pages
import Synchronization
import Testing

@testable import Web

/// A daemon that has two jobs, of which one is not to be believed yet.
enum House {
  static let groups = "[\n{\"targets\": [\"10.0.0.1:9100\"]}\n]\n"

  static func snapshot(doubt: String? = "job 'new': there was no complete scan yet") -> Snapshot {
    Snapshot(
      illness: nil, groups: [.init(job: "node", doubt: nil), .init(job: "new", doubt: doubt)],
      metrics: { [MetricFamily("a", .gauge, "b", 1)] },
      overview: {
        Overview(version: "1", summary: "fine", jobs: [], wording: Wording(duration: { "\($0)" }, time: { "\($0)" }))
      },
      targetGroups: { Array("\(groups)\($0.joined(separator: ","))".utf8) }, inventory: { Array("{}\n".utf8) })
  }
}

func server(
  _ bounds: Bounds = .standard, _ protection: Protection? = Protection(),
  reload: Backend.Reload = .disabled, look: (@Sendable (@escaping @Sendable (Snapshot) -> Void) -> Void)? = nil
) throws -> WebServer {
  let server = WebServer(
    Backend(look: look ?? { $0(House.snapshot()) }, reload: { $0(reload) }), bounds)
  try server.listen(at: .tcp(address: "127.0.0.1", port: 0)) { protection }
  return server
}

extension WebServer {
  /// Somebody who connects to it.
  func client() throws -> Client {
    let client = port.flatMap { Client(port: $0) }
    return try #require(client)
  }

  func ask(_ text: String) throws -> String { try client().send(text).readAnswer() }

  func get(_ path: String, _ headers: String...) throws -> String {
    try ask("GET \(path) HTTP/1.1\r\nHost: a\r\n\(headers.map { $0 + "\r\n" }.joined())\r\n")
  }
}

extension String {
  var status: Int? { split(separator: " ").dropFirst().first.flatMap { Int($0) } }
  var body: String { range(of: "\r\n\r\n").map { String(self[$0.upperBound...]) } ?? "" }

  func header(_ name: String) -> String? {
    split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name.lowercased()): ") }.map {
      String($0.dropFirst(name.count + 2))
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct Serving {
  @Test(arguments: [
    ("/", 200, "text/html; charset=utf-8"), ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"),
    ("/sd/node", 200, "application/json"), ("/sd/new", 503, "text/plain; charset=utf-8"),
    ("/sd", 503, "text/plain; charset=utf-8"), ("/sd/none", 404, "text/plain; charset=utf-8"),
    ("/api/v1/targets", 200, "application/json"), ("/-/healthy", 200, "text/plain; charset=utf-8"),
    ("/-/ready", 503, "text/plain; charset=utf-8"), ("/favicon.ico", 404, "text/plain; charset=utf-8"),
    ("/-/reload", 405, "text/plain; charset=utf-8"),
  ])
  func answersEachPath(path: String, status: Int, contentType: String) throws {
    let answer = try server().get(path)
    #expect(answer.status == status)
    #expect(answer.header("Content-Type") == contentType)
    #expect(answer.header("X-Content-Type-Options") == "nosniff")
  }

  @Test func letsNoPageLoadOrRunAnything() throws {
    let policy = try #require(try server().get("/").header("Content-Security-Policy"))
    #expect(policy.hasPrefix("default-src 'none'; "))
    #expect(!policy.contains("script-src"))
  }

  @Test func countsWhatItAnswers() throws {
    let server = try server()
    _ = try server.get("/nothing")
    let text = try server.get("/metrics").body
    #expect(text.contains("subnet_sd_http_requests_total{handler=\"other\",code=\"404\"} 1\n"))
    #expect(text.contains("subnet_sd_http_connections 1\n") || text.contains("subnet_sd_http_connections 2\n"))
  }

  @Test func headIsAnAnswerWithoutItsBody() throws {
    let server = try server()
    let client = try server.client()
    let text = client.send("HEAD /sd/node HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").readToEnd().text
    #expect(text.status == 200)
    #expect(text.header("Content-Length") == "\(House.groups.utf8.count + 4)")
    #expect(text.body.isEmpty)
  }

  @Test func answersOneRequestAfterTheOther() throws {
    let server = try server()
    let client = try server.client()
    for _ in 0..<3 {
      #expect(client.send("GET /sd/node HTTP/1.1\r\nHost: a\r\n\r\n").readAnswer().body == "\(House.groups)node")
    }
  }

  @Test func answersOnceWhoDoesNotWait() throws {
    let server = try server()
    let client = try server.client()
    let request = "GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"
    let (text, isClosed) = client.send(request + request).readToEnd()
    #expect(text.components(separatedBy: "HTTP/1.1 200").count == 2)
    #expect(text.header("Connection") == "close")
    #expect(isClosed)
  }

  @Test(arguments: ["HTTP/1.0", "HTTP/1.1"])
  func keepsTheConnectionAsTheVersionSays(version: String) throws {
    let server = try server()
    let client = try server.client()
    let text = client.send("GET /-/healthy \(version)\r\nHost: a\r\n\r\n").readAnswer()
    #expect(text.header("Connection") == (version == "HTTP/1.0" ? "close" : nil))
  }

  @Test func nobodyIsLetInWithoutProtection() throws {
    let server = try server(.standard, nil)
    let client = try server.client()
    #expect(client.send("GET / HTTP/1.1\r\n\r\n").readToEnd().text.isEmpty)
  }

  @Test func asksAtEachRequestWhoMayAsk() throws {
    let users = Mutex<[String: String]>([:])
    let server = WebServer(Backend(look: { $0(House.snapshot()) }, reload: { $0(.disabled) }))
    try server.listen(at: .tcp(address: "127.0.0.1", port: 0)) { Protection(users: users.withLock { $0 }) }
    let client = try server.client()
    let request = "GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"
    #expect(client.send(request).readAnswer().status == 200)
    users.withLock { $0 = ["ann": "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"] }
    let answer = client.send(request).readAnswer()
    #expect(answer.status == 401)
    #expect(answer.header("WWW-Authenticate") == "Basic realm=\"subnet-sd\"")
  }

  @Test func movesToAnotherPlaceAndStaysWhereItCannot() throws {
    let (first, second) = (try server(), try server())
    let (before, taken) = (try #require(first.port), try #require(second.port))
    #expect(throws: WebServer.CannotListen(errno: 98)) {
      try first.listen(at: .tcp(address: "127.0.0.1", port: taken)) { Protection() }
    }
    #expect(first.port == before)
    try first.listen(at: .tcp(address: "127.0.0.1", port: 0)) { Protection() }
    #expect(Client(port: before) == nil)
    #expect(try first.get("/-/healthy").status == 200)
  }
}

@Suite(.timeLimit(.minutes(5))) struct Peculiarities {
  @Test func addsTheHeadersThatAreAskedFor() throws {
    let protection = Protection(headers: [
      ("Strict-Transport-Security", "max-age=9"), ("X-Frame-Options", "sameorigin"),
    ])
    let server = try server(.standard, protection)
    for answer in [try server.get("/-/healthy"), try server.ask("nonsense\r\n\r\n")] {
      #expect(answer.header("Strict-Transport-Security") == "max-age=9")
      #expect(answer.header("X-Frame-Options") == "sameorigin")
    }
  }

  @Test(arguments: [
    "GET /-/healthy HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n",
  ])
  func isNoOtherProtocol(request: String) throws {
    let server = try server()
    let (text, isClosed) = try server.client().send(request).readToEnd()
    #expect(text.header("Connection") == "close")
    #expect(isClosed)
  }

  @Test func answersWhoSaysNoMore() throws {
    let server = try server()
    let client = try server.client().send("GET /-/healthy HTTP/1.1\r\n\r\n")
    client.finish()
    let (text, isClosed) = client.readToEnd()
    #expect(text.status == 200)
    #expect(isClosed)
    let silent = try server.client()
    silent.finish()
    #expect(silent.readToEnd() == ("", true))
  }

  @Test func movesFromAllAddressesToOne() throws {
    let server = WebServer(Backend(look: { $0(House.snapshot()) }, reload: { $0(.disabled) }))
    try server.listen(at: .tcp(address: "0.0.0.0", port: 0)) { Protection() }
    let port = try #require(server.port)
    try server.listen(at: .tcp(address: "127.0.0.1", port: port)) { Protection() }
    #expect(server.place == "127.0.0.1:\(port)")
    #expect(try server.get("/-/healthy").status == 200)
    try server.listen(at: .tcp(address: "0.0.0.0", port: port)) { Protection() }
    #expect(server.place == "0.0.0.0:\(port)")
  }
}

@Suite(.timeLimit(.minutes(5))) struct EntityTags {
  @Test func sendsNothingTwice() throws {
    let server = try server()
    let tag = try #require(try server.get("/sd/node").header("ETag"))
    for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
      let answer = try server.get("/sd/node", "If-None-Match: \(known)", "Connection: close")
      #expect(answer.status == 304, "\(known)")
      #expect(answer.header("ETag") == tag)
      #expect(answer.body.isEmpty)
    }
    #expect(try server.get("/sd/node", "If-None-Match: \"other\"").status == 200)
  }
}

@Suite(.timeLimit(.minutes(5))) struct Reloading {
  private func post(_ reload: Backend.Reload, _ headers: String = "") throws -> String {
    try server(reload: reload).ask("POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\(headers)\r\n")
  }

  @Test func saysWhatCameOfIt() throws {
    #expect(try post(.done).status == 200)
    #expect(try post(.disabled).status == 403)
    let busy = try post(.busy)
    #expect(busy.status == 503)
    #expect(busy.header("Retry-After") == "1")
    let refused = try post(.refused(["config.yml:3:1: wrong"]))
    #expect(refused.status == 500)
    #expect(refused.body.contains("config.yml:3:1: wrong\n"))
  }

  @Test(arguments: [
    ("http://evil.example", 403), ("null", 403), ("http://a.evil", 403), ("http://a", 200), ("https://A", 200),
  ])
  func isNotForPagesOfOthers(origin: String, status: Int) throws {
    #expect(try post(.done, "Origin: \(origin)\r\n").status == status)
  }

  @Test(arguments: [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)])
  func isNotForOtherSites(site: String, status: Int) throws {
    #expect(try post(.done, "Sec-Fetch-Site: \(site)\r\n").status == status)
  }
}

@Suite(.timeLimit(.minutes(5))) struct Bounded {
  /// Requests, by what is wrong with them.
  @Test(arguments: [
    ("hello\r\n\r\n", 400), ("GET / HTTP/9.9.9\r\n\r\n", 400), ("GET / HTTP/1.1\r\na b: c\r\n\r\n", 400),
    ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", 400),
    ("GET /\(String(repeating: "a", count: 5_000)) HTTP/1.1\r\n\r\n", 414),
    ("GET / HTTP/1.1\r\n\((0..<101).map { "h\($0): v\r\n" }.joined())\r\n", 431),
    ("GET / HTTP/1.1\r\nh: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
    ("POST /-/reload HTTP/1.1\r\nContent-Length: 100000\r\n\r\n\(String(repeating: "a", count: 100_000))", 431),
    ("GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
  ])
  func saysWhatIsTooMuchAndHangsUp(request: String, status: Int) throws {
    let server = try server()
    let client = try server.client()
    let (text, isClosed) = client.send(request).readToEnd()
    #expect(text.status == status)
    #expect(isClosed)
  }

  @Test func waitsForNoRequestForEver() throws {
    var bounds = Bounds()
    bounds.requestTime = .milliseconds(50)
    let server = try server(bounds)
    for beginning in ["", "GET / HT", "POST /-/reload HTTP/1.1\r\nContent-Length: 3\r\n\r\n"] {
      let (text, isClosed) = try server.client().send(beginning).readToEnd()
      #expect(text.status == 408, "\(beginning)")
      #expect(isClosed)
    }
  }

  @Test func waitsForNoNextRequestForEver() throws {
    var bounds = Bounds()
    bounds.idleTime = .milliseconds(50)
    let server = try server(bounds)
    let client = try server.client()
    #expect(client.send("GET /-/healthy HTTP/1.1\r\n\r\n").readAnswer().status == 200)
    let (text, isClosed) = client.readToEnd()
    #expect(text.isEmpty)
    #expect(isClosed)
  }

  @Test func waitsForNoAnswerForEver() throws {
    var bounds = Bounds()
    bounds.answerTime = .milliseconds(50)
    let server = try server(bounds, look: { _ in })
    let client = try server.client()
    #expect(client.send("GET /metrics HTTP/1.1\r\n\r\n").readToEnd() == ("", true))
  }

  @Test func refusesInWordsWhoIsOneTooMany() throws {
    var bounds = Bounds()
    bounds.connections = 4
    let (asked, mayAnswer) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    // Who waits for the daemon makes no room.
    let server = try server(
      bounds,
      look: { body in
        DispatchQueue.global().async {
          asked.signal()
          mayAnswer.wait()
          body(House.snapshot())
        }
      })
    // One of four places is for others than this peer.
    let served = try (0..<3).map { _ in try server.client().send("GET /-/healthy HTTP/1.1\r\n\r\n") }
    for _ in served { asked.wait() }
    let text = try server.client().readToEnd().text
    #expect(text.status == 503)
    #expect(text.header("Retry-After") == "1")
    #expect(text.body == "too many clients are served\r\n")
    for _ in served { mayAnswer.signal() }
    for client in served { #expect(client.readAnswer().status == 200) }
  }

  @Test func whoHasNothingToAskMakesRoom() throws {
    var bounds = Bounds()
    bounds.connections = 1
    let server = try server(bounds)
    let idle = try server.client()
    #expect(idle.send("GET /-/healthy HTTP/1.1\r\n\r\n").readAnswer().status == 200)
    #expect(try server.get("/-/healthy").status == 200)
    #expect(idle.readToEnd() == ("", true))
  }

  /// Requests that never end hold nobody up, however many there are.
  @Test func whoAsksForLongestMakesRoom() throws {
    var bounds = Bounds()
    bounds.connections = 4
    let server = try server(bounds)
    var slow: [Client] = []
    for _ in 0..<30 {
      slow.append(try server.client().send("GET /-/healthy HTTP/1.1\r\n"))
      #expect(try server.get("/-/healthy").status == 200)
    }
    let text = try server.get("/metrics").body
    #expect(text.contains("subnet_sd_http_connections_refused_total 0\n"))
  }

  /// One that has asked before is as slow.
  @Test func theNextRequestHasToComeInTimeToo() throws {
    var bounds = Bounds()
    bounds.requestTime = .milliseconds(50)
    let server = try server(bounds)
    let client = try server.client().send("GET /-/healthy HTTP/1.1\r\n\r\n")
    #expect(client.readAnswer().status == 200)
    #expect(client.send("GET / HT").readToEnd() == ("", true))
  }
}

@Suite(.timeLimit(.minutes(5))) struct Finishing {
  @Test func answersWhoHasAskedAndNobodyElse() async throws {
    let asked = DispatchSemaphore(value: 0)
    let mayAnswer = DispatchSemaphore(value: 0)
    let server = try server(
      look: { body in
        asked.signal()
        DispatchQueue.global().async {
          mayAnswer.wait()
          body(House.snapshot())
        }
      })
    let idle = try server.client()
    mayAnswer.signal()
    #expect(idle.send("GET /-/healthy HTTP/1.1\r\n\r\n").readAnswer().status == 200)
    asked.wait()
    let waiting = try server.client().send("GET /-/healthy HTTP/1.1\r\n\r\n")
    asked.wait()
    let port = try #require(server.port)
    await withCheckedContinuation { continuation in
      server.finish { continuation.resume() }
      mayAnswer.signal()
    }
    let (text, isClosed) = waiting.readToEnd()
    #expect(text.status == 200)
    #expect(isClosed)
    #expect(idle.readToEnd() == ("", true))
    #expect(Client(port: port) == nil)
  }

  @Test func waitsForNobodyForEver() async throws {
    var bounds = Bounds()
    bounds.finishTime = .milliseconds(50)
    let server = try server(bounds, look: { _ in })
    let client = try server.client().send("GET /-/healthy HTTP/1.1\r\n\r\n")
    await withCheckedContinuation { continuation in server.finish { continuation.resume() } }
    _ = client
  }
}
