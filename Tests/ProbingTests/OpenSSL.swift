import Addressing
import Files
import Foundation
import Glibc
import Probing
import Support
import Testing

/// The openssl command line, which makes certificates and serves them.
enum OpenSSL {
  static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/openssl" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static var isThere: Bool { path != nil }

  static func run(_ arguments: [String], in directory: String) throws {
    let process = try start(arguments, in: directory)
    var status: Int32 = -1
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    try #require(status == 0, "openssl \(arguments.joined(separator: " "))")
  }

  /// Foundation's own `Process` waits with select(2), which knows no descriptor above 1,023.
  static func start(_ arguments: [String], in directory: String, output: Int32? = nil) throws -> pid_t {
    let command = ["sh", "-c", "cd \"$0\" && exec \"$@\"", directory, try #require(path)] + arguments
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
    }
    if let output { unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
    var words = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let status = unsafe posix_spawn(&process, "/bin/sh", &actions, nil, &words, environ)
    try #require(status == 0, "openssl cannot be started")
    return process
  }
}

/// Certificates for servers at 127.79.9.1 and for clients, made once for all tests.
final class Certificates: Sendable {
  static let all = Result { try Certificates() }

  static let address = "127.79.9.1"
  let directory: TemporaryDirectory

  /// Each is `NAME.pem` and `NAME.key`: of the authority `ca` unless said otherwise.
  private init() throws {
    directory = try TemporaryDirectory()
    for name in ["ca", "stranger"] {
      try OpenSSL.run(
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-days", "30"]
          + ["-keyout", "\(name).key", "-out", "\(name).pem"], in: directory.path)
    }
    try issue("good", "subjectAltName=IP:\(Self.address),DNS:exporter.example")
    try issue("expired", "subjectAltName=IP:\(Self.address)", days: -1)
    try issue("foreign", "subjectAltName=IP:\(Self.address)", by: "stranger")
    try issue("named", "subjectAltName=DNS:exporter.example")
    try issue("wild", "subjectAltName=IP:\(Self.address),DNS:*.exporter.example")
    try issue("other", "subjectAltName=IP:127.79.9.2")
    try issue("common", nil, subject: "exporter.example")
    try issue("numbered", nil, subject: Self.address)
    try issue("client", "extendedKeyUsage=clientAuth")
    try directory.write(
      "HTTP/1.1 200 OK\r\nContent-Type: \(Answers.contentType)\r\nConnection: close\r\n\r\n\(Answers.exposition)",
      to: "metrics?collect%5B%5D=uname")
  }

  private func issue(
    _ name: String, _ extensions: String?, subject: String = "server", by authority: String = "ca", days: Int = 30
  ) throws {
    try OpenSSL.run(
      ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(subject)", "-keyout", "\(name).key"]
        + ["-out", "\(name).csr"], in: directory.path)
    try directory.write(extensions ?? "basicConstraints=CA:FALSE", to: "\(name).ext")
    try OpenSSL.run(
      [
        "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key",
        "-CAcreateserial",
      ]
        + ["-days", "\(days)", "-extfile", "\(name).ext", "-out", "\(name).pem"], in: directory.path)
  }

  func pem(_ name: String) throws -> [UInt8] { try #require(directory.bytes(of: name)) }

  /// What a job presents that trusts `ca`, or another.
  func material(trusting authority: String = "ca", presenting client: String? = nil) throws -> TLSClient.Material {
    TLSClient.Material(
      authorities: try pem("\(authority).pem"), certificates: try client.map { try pem("\($0).pem") },
      key: try client.map { try pem("\($0).key") })
  }
}

/// OpenSSL's own server, which answers as node_exporter.
final class TLSServer: Sendable {
  let endpoint: Endpoint
  private let process: pid_t

  /// Shows the certificate of that name.
  init(_ name: String, _ arguments: [String] = []) throws {
    let certificates = try Certificates.all.get()
    var ends: [Int32] = [-1, -1]
    let status = unsafe pipe(&ends)
    try #require(status == 0)
    let output = Descriptor(owning: ends[0])
    let input = Descriptor(owning: ends[1])
    for number in ends { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    process = try OpenSSL.start(
      ["s_server", "-accept", "\(Certificates.address):0", "-cert", "\(name).pem", "-key", "\(name).key", "-HTTP"]
        + arguments, in: certificates.directory.path, output: input.number)
    var said: [UInt8] = []
    // It says `ACCEPT 127.79.9.1:41337` once it listens; what it says later nobody reads.
    while !String(decoding: said, as: UTF8.self).contains("ACCEPT ") || said.last != UInt8(ascii: "\n") {
      var byte: UInt8 = 0
      let count = unsafe read(output.number, &byte, 1)
      try #require(count == 1, "openssl s_server has ended")
      said.append(byte)
    }
    let line = String(decoding: said, as: UTF8.self).split(separator: "\n").last ?? ""
    endpoint = try #require(Endpoint(String(line.dropFirst(7))))
  }

  /// From now on it does nothing, and its connections stay open.
  func freeze() { kill(process, SIGSTOP) }

  deinit {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }
}
