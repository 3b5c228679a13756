import Addressing
import Files
import Foundation
import Glibc
import Support
import Synchronization
import Testing

@testable import Controlling

/// A socket in a directory of its own that answers `release` by the job's name, and nothing else.
private final class Server {
  let directory: TemporaryDirectory
  let socket: ControlSocket
  private let path: String
  var client: ControlClient { ControlClient(directory: path) }

  init(
    in directory: TemporaryDirectory? = nil, name: String? = nil, timeout: Duration = .seconds(10),
    _ bounds: Reception.Bounds = .init()
  ) throws {
    let directory = try directory ?? TemporaryDirectory()
    self.directory = directory
    path = name.map { directory.path(of: $0) } ?? directory.path
    socket = try ControlSocket(in: path, timeout: timeout, bounds) { request, user, reply in
      guard case .release(let job, _) = request else { return }
      reply(ControlReply(messages: ["user \(user)"], output: Array(job.utf8)))
    }
  }
}

/// A connection that says `bytes` and no more.
private func connect(_ client: ControlClient, saying bytes: [UInt8]) throws -> Int32 {
  let number = SocketPath.newSocket()
  let status = unsafe SocketPath.withAddress(client.path) { unsafe Glibc.connect(number, $0, $1) }
  try #require(status == 0)
  if !bytes.isEmpty { _ = unsafe send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
  return number
}

/// All that comes, to the end.
private func readAll(_ number: Int32) -> String {
  var bytes: [UInt8] = []
  var byte: UInt8 = 0
  while unsafe recv(number, &byte, 1, 0) == 1 { bytes.append(byte) }
  close(number)
  return String(decoding: bytes, as: UTF8.self)
}

@Suite(.timeLimit(.minutes(5))) struct ControlSockets {
  @Test func whoAsksIsAnsweredAndKnown() throws {
    let server = try Server()
    for job in ["a", "b", String(repeating: "x", count: 300_000)] {
      let reply = try server.client.ask(.release(job: job, prefix: nil))
      #expect(reply == ControlReply(messages: ["user \(geteuid())"], output: Array(job.utf8)))
    }
  }

  @Test func manyAreAnsweredOneAfterTheOther() async throws {
    let server = try Server()
    let client = server.client
    let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for number in 0..<20 { group.addTask { try client.ask(.release(job: "\(number)", prefix: nil)).output } }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(answers.count == 20)
  }

  @Test func onlyTheUserAndTheGroupMayAsk() throws {
    let server = try Server()
    #expect(try server.directory.mode(of: "control") == 0o660)
  }

  @Test func nobodyThereMeansNotRunning() throws {
    let server = try Server()
    let client = server.client
    server.socket.end()
    #expect(try server.directory.names() == [])
    #expect(throws: ControlError.notRunning(client.path)) { try client.ask(.release(job: "a", prefix: nil)) }
    #expect(throws: ControlError.notRunning("/nowhere/control")) {
      try ControlClient(directory: "/nowhere").ask(.release(job: "a", prefix: nil))
    }
  }

  @Test func whatAKilledDaemonLeftIsReplaced() throws {
    let directory = try TemporaryDirectory()
    let left = SocketPath.newSocket()
    let path = directory.path(of: "control")
    #expect(unsafe SocketPath.withAddress(path) { unsafe bind(left, $0, $1) } == 0)
    close(left)
    #expect(throws: ControlError.notRunning(path)) {
      try ControlClient(directory: directory.path).ask(.release(job: "a", prefix: nil))
    }
    let server = try Server(in: directory)
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).output == Array("a".utf8))
  }

  /// It may be somebody's file.
  @Test func whatIsNoSocketStays() throws {
    let directory = try TemporaryDirectory()
    try directory.write("mine", to: "control")
    #expect(throws: ControlError.cannotListen(directory.path(of: "control"), errno: EADDRINUSE)) {
      _ = try Server(in: directory)
    }
    #expect(directory.text(of: "control") == "mine")
  }

  /// In the name's place as well as on the way to it.
  @Test func noLinkIsFollowedToTheSocket() throws {
    let directory = try TemporaryDirectory()
    try directory.make("elsewhere")
    let left = try Server(in: directory, name: "elsewhere")
    try directory.make("here")
    try directory.link("here/control", to: "../elsewhere/control")
    #expect(throws: ControlError.cannotListen(directory.path(of: "here/control"), errno: EADDRINUSE)) {
      _ = try Server(in: directory, name: "here")
    }
    #expect(try directory.target(of: "here/control") == "../elsewhere/control")
    #expect(try left.client.ask(.release(job: "a", prefix: nil)).isDone)
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give links away"))
  func noLinkOfAnotherIsFollowedToTheDirectory() throws {
    let directory = try TemporaryDirectory()
    for name in ["elsewhere", "shared"] { try directory.make(name) }
    try #require(unsafe chmod(directory.path(of: "shared"), 0o1777) == 0)
    // What a killed daemon left elsewhere is not to be removed either.
    let left = SocketPath.newSocket()
    let path = directory.path(of: "elsewhere/control")
    #expect(unsafe SocketPath.withAddress(path) { unsafe bind(left, $0, $1) } == 0)
    close(left)
    try directory.link("shared/run", to: "../elsewhere")
    #expect(unsafe lchown(directory.path(of: "shared/run"), 12_345, 12_345) == 0)
    let error = #expect(throws: ControlError.self) { _ = try Server(in: directory, name: "shared/run") }
    let sentence = "cannot listen: '\(directory.path(of: "shared/run"))' leads through a symbolic link of user 12345 "
    #expect(error?.description.hasPrefix(sentence) == true)
    #expect(try directory.names(in: "elsewhere") == ["control"])
    // A link of ours, or one in a directory of ours, is followed as ever.
    try directory.link("run", to: "elsewhere")
    let server = try Server(in: directory, name: "run")
    #expect(try ControlClient(directory: directory.path(of: "elsewhere")).ask(.release(job: "a", prefix: nil)).isDone)
    server.socket.end()
    #expect(try directory.names(in: "elsewhere") == [])
  }

  @Test func oneDaemonListensInADirectory() throws {
    let server = try Server()
    #expect(throws: ControlError.taken(server.client.path)) { _ = try Server(in: server.directory) }
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).isDone)
  }

  @Test func whereItCannotListenItSaysWhy() {
    #expect(throws: ControlError.cannotListen("/nowhere/control", errno: ENOENT)) {
      _ = try ControlSocket(in: "/nowhere") { _, _, _ in }
    }
    let long = "/tmp/" + String(repeating: "x", count: 100)
    #expect(throws: ControlError.pathTooLong("\(long)/control")) { _ = try ControlSocket(in: long) { _, _, _ in } }
  }

  @Test func whatIsNoRequestIsRefused() throws {
    let server = try Server()
    let number = try connect(server.client, saying: Array("make coffee\n".utf8))
    #expect(readAll(number) == "subnet-sd-reply 1 failed 1\nthe daemon does not know this request\n")
  }

  /// One that says nothing, one that says it byte by byte without an end, one that says too much, one that gets no answer.
  @Test func whoHoldsUpOthersIsLetGo() throws {
    let server = try Server(timeout: .milliseconds(200))
    let mute = try connect(server.client, saying: [])
    let endless = try connect(server.client, saying: Array("release\ta".utf8))
    let long = try connect(server.client, saying: Array(repeating: 65, count: 2 * ControlSocket.maxRequest))
    let unanswered = try connect(server.client, saying: Array("forget\t10.0.0.7:9100\n".utf8))
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).output == Array("a".utf8))
    for number in [mute, endless, long, unanswered] { #expect(readAll(number) == "") }
  }

  @Test func whatIsTooMuchIsNotAsked() throws {
    let server = try Server()
    let endpoints = Array(repeating: Endpoint(address: .v4(0x7F00_0001), port: 9_100), count: 80_000)
    #expect(throws: ControlError.tooLong) { try server.client.ask(.forget(endpoints)) }
  }

  @Test func aDaemonThatGoesAwayGaveNoAnswer() throws {
    let server = try Server(timeout: .milliseconds(50))
    #expect(throws: ControlError.noReply(server.client.path)) {
      try server.client.ask(.forget([Endpoint(address: .v4(1), port: 1)]))
    }
  }

  /// More than are served, of which none says anything, for as long as they like.
  @Test func whoSaysNothingHoldsUpNobody() throws {
    let server = try Server(timeout: .seconds(3_600))
    let idle = try (0..<20).map { _ in try connect(server.client, saying: []) }
    for _ in 0..<20 {
      #expect(try server.client.ask(.release(job: "a", prefix: nil)).output == Array("a".utf8))
    }
    for number in idle { close(number) }
  }

  @Test func whoHasBegunToSaySomethingMakesRoomToo() throws {
    let server = try Server(timeout: .seconds(3_600))
    let slow = try (0..<40).map { _ in try connect(server.client, saying: Array("release\t".utf8)) }
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).isDone)
    for number in slow { close(number) }
  }

  /// Those that get no reply have all places for replies; they are let go before their time is over.
  @Test func whoWaitsForARepliesTurnGetsIt() throws {
    var bounds = Reception.Bounds()
    bounds.replies = 2
    let server = try Server(timeout: .milliseconds(300), bounds)
    let unanswered = try (0..<2).map { _ in
      try connect(server.client, saying: Array("forget\t10.0.0.7:9100\n".utf8))
    }
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).isDone)
    for number in unanswered { #expect(readAll(number) == "") }
  }

  @Test func whoTakesNothingOfTheReplyIsLetGo() throws {
    var bounds = Reception.Bounds()
    (bounds.replies, bounds.stallTime) = (1, .milliseconds(50))
    let server = try Server(timeout: .seconds(3_600), bounds)
    let job = String(repeating: "x", count: 900_000)
    let deaf = try connect(server.client, saying: Array("release\t\(job)\t\n".utf8))
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).output == Array("a".utf8))
    #expect(readAll(deaf).utf8.count < job.utf8.count)
  }

  @Test func whatIsNotWholeIsBoundedAltogether() throws {
    var bounds = Reception.Bounds()
    bounds.input = 100_000
    let server = try Server(timeout: .seconds(3_600), bounds)
    let long = try (0..<3).map { _ in try connect(server.client, saying: Array(repeating: 65, count: 90_000)) }
    #expect(try server.client.ask(.release(job: "a", prefix: nil)).isDone)
    #expect(readAll(long[0]) == "")
    for number in long.dropFirst() { close(number) }
  }

  /// A connection that has ended costs nothing any more, be it that it was never answered.
  @Test func everyDescriptorIsClosed() throws {
    let server = try Server(timeout: .milliseconds(50))
    let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    for round in 0..<50 {
      let texts = ["", "release\t", "release\ta\t\n", "forget\t10.0.0.7:9100\n", "make coffee\n"]
      let number = try connect(server.client, saying: Array(texts[round % texts.count].utf8))
      if round % 2 == 0 { _ = readAll(number) } else { close(number) }
    }
    var after = Int.max
    while after > before + 20 {
      after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
      #expect(try server.client.ask(.release(job: "a", prefix: nil)).isDone)
    }
  }
}
