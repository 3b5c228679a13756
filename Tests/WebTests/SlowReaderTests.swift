import Foundation
import NIOCore
import Support
import Synchronization
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct SlowReaders {
  private static let length = 16 << 20

  /// Its inventory is another at each request.
  private func server(_ change: (inout Bounds) -> Void) throws -> WebServer {
    var bounds = Bounds()
    change(&bounds)
    let count = Mutex(UInt8(0))
    return try WebTests.server(
      bounds,
      look: { body in
        var snapshot = House.snapshot(doubt: nil)
        snapshot.targetGroups = { _ in Array(repeating: 120, count: Self.length) }
        snapshot.inventory = {
          Array(
            repeating: count.withLock {
              $0 &+= 1
              return $0
            }, count: Self.length)
        }
        body(snapshot)
      })
  }

  /// A body beyond all room is sent to any number of clients.
  @Test func ofOneListHoldNobodyUp() throws {
    let server = try server { $0.unsentLength = 1 << 20 }
    let slow = try (0..<5).map { _ in try server.client().send("GET /sd HTTP/1.1\r\n\r\n") }
    let answer = try server.get("/sd", "Connection: close")
    #expect(answer.status == 200)
    #expect(answer.body.utf8.count == Self.length)
    #expect(try #require(slow.last).readAnswer().body.utf8.count == Self.length)
  }

  @Test func shareABoundedRoom() throws {
    let server = try server { $0.graceTime = .hours(1) }
    let slow = try server.client().send("GET /api/v1/targets HTTP/1.1\r\n\r\n")
    while try server.get("/api/v1/targets", "Connection: close").status != 503 {}
    // What is short, or of another kind, is told all the same.
    #expect(try server.get("/-/healthy").status == 200)
    #expect(try server.get("/sd").status == 200)
    #expect(slow.readAnswer().body.utf8.count == Self.length)
  }

  @Test func makeRoom() throws {
    let server = try server { $0.graceTime = .nanoseconds(0) }
    for _ in 0..<10 {
      let slow = try server.client().send("GET /api/v1/targets HTTP/1.1\r\n\r\n")
      #expect(try server.get("/sd").status == 200)
      #expect(try server.get("/api/v1/targets").status == 200)
      withExtendedLifetime(slow) {}
    }
  }

  @Test func areLetGo() throws {
    let server = try server { bounds in
      bounds.takeTime = .milliseconds(50)
      bounds.takeLength = 1 << 30
    }
    let slow = try server.client().send("GET /sd HTTP/1.1\r\n\r\n")
    var text = ""
    while !text.contains("subnet_sd_http_connections 1\n") { text = try server.get("/metrics").body }
    let (got, _) = slow.readToEnd()
    #expect(got.utf8.count < Self.length)
  }
}

@Suite(.timeLimit(.minutes(5))) struct HostNames {
  private func ask(_ request: String) throws -> String {
    try server(.standard, Protection(hosts: AllowedHosts(["scanner"]))).ask(request)
  }

  @Test(arguments: [
    ("GET /-/healthy HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ("POST /-/reload HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n", 421),
    ("GET /nothing HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ("GET /-/healthy HTTP/1.1\r\nHost: scanner:19100\r\n\r\n", 200),
    ("GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 200), ("GET /-/healthy HTTP/1.0\r\n\r\n", 200),
    ("GET /-/healthy HTTP/1.1\r\nHost: scanner\r\nHost: evil.example\r\n\r\n", 400),
    ("GET http://scanner/-/healthy HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ("GET http://evil.example/ HTTP/1.1\r\nHost: scanner\r\n\r\n", 404),
  ])
  func decideWhoIsAnswered(request: String, status: Int) throws { #expect(try ask(request).status == status) }

  @Test func areNamedInTheAnswer() throws {
    let answer = try ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    #expect(answer.body.contains("'allowed_hosts' under 'web'"))
    #expect(!answer.body.contains("evil"))
  }

  @Test func areNotAskedForOnAUnixSocket() throws {
    let directory = try TemporaryDirectory()
    let server = WebServer(Backend(look: { $0(House.snapshot()) }, reload: { $0(.disabled) }))
    try server.listen(at: .unix(path: directory.path(of: "s"))) { Protection(hosts: AllowedHosts([])) }
    let client = try #require(Client(path: directory.path(of: "s")))
    #expect(client.send("GET /-/healthy HTTP/1.1\r\nHost: evil.example\r\n\r\n").readAnswer().status == 200)
  }
}
