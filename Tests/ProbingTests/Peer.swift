import Addressing
import Exporters
import Files
import Foundation
import Glibc
import Probing
import Sweeping
import Testing

/// A server on an address of 127.0.0.0/8 that treats each connection as it is told, each on a thread of its own.
final class Peer: Sendable {
  let endpoint: Endpoint
  private let listener: Socket

  init(_ address: String, serve: @escaping @Sendable (Connection) -> Void) throws {
    let listener = Socket(Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)))
    let address = try #require(Address(address))
    let port = listener.bind(to: address)
    try #require(listen(listener.number, 1_024) == 0)
    self.listener = listener
    endpoint = Endpoint(address: address, port: port)
    Thread.detachNewThread {
      while let connection = listener.accept() {
        Thread.detachNewThread { serve(connection) }
      }
    }
  }

  /// Says the same to each who asks.
  convenience init(_ address: String, says text: String) throws {
    try self.init(address) { connection in
      _ = connection.request()
      connection.send(text)
      connection.finish()
    }
  }

  /// Wakes the thread that accepts; it closes the listener.
  deinit { shutdown(listener.number, Int32(SHUT_RDWR)) }
}

extension Endpoint {
  /// A connection from outside, as a sweep opens one.
  func connect() throws -> Int32 {
    let socket = Socket(Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)))
    // Small, so that a flood is bounded by what is read and not by what the kernel takes.
    var size: Int32 = 65_536
    unsafe setsockopt(socket.number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    try #require(socket.connect(to: self) == 0)
    let number = dup(socket.number)
    try #require(fcntl(number, F_SETFL, O_NONBLOCK) == 0)
    return number
  }
}

/// One connection, seen from the server.
final class Connection: Sendable {
  private let socket: Socket

  fileprivate init(_ socket: Socket) {
    self.socket = socket
    var size: Int32 = 65_536
    unsafe setsockopt(socket.number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    var on: Int32 = 1
    unsafe setsockopt(socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Reads up to an empty line, or to the end.
  func request() -> String {
    var bytes: [UInt8] = []
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8), let byte = readByte() { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func readByte() -> UInt8? {
    var byte: UInt8 = 0
    return unsafe recv(socket.number, &byte, 1, 0) == 1 ? byte : nil
  }

  /// Whether all of it went out.
  @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  @discardableResult func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Sends again and again until the other end has gone; returns how many bytes went out.
  func flood(_ text: String) -> Int { flood(Array(text.utf8)) }

  func flood(_ bytes: [UInt8]) -> Int {
    var count = 0
    while send(bytes) { count += bytes.count }
    return count
  }

  /// Waits for the other end to go, but no longer; returns whether it is still there. Nothing comes after a request.
  func isThere(after milliseconds: Int32) -> Bool {
    var poll = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
    return unsafe Glibc.poll(&poll, 1, milliseconds) == 0
  }

  /// Lets some time go by, whatever comes; returns whether the other end is still there.
  func waits(_ milliseconds: Int32) -> Bool {
    // POLLRDHUP, which Swift does not see.
    var poll = pollfd(fd: socket.number, events: 0x2000, revents: 0)
    return unsafe Glibc.poll(&poll, 1, milliseconds) == 0
  }

  /// Says that no more comes, and reads what is left; returns how many bytes that was.
  @discardableResult func finish() -> Int {
    shutdown(socket.number, Int32(SHUT_WR))
    var count = 0
    while readByte() != nil { count += 1 }
    return count
  }

  /// Says nothing more until the other end has gone.
  func finishWhenLeft() { while readByte() != nil {} }

  /// Goes without a word, and without having read one.
  func leave() {}

  /// Lets the connection end in a reset, whatever was read.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(socket.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}

/// A socket that is closed when nobody needs it any more.
private final class Socket: Sendable {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  var number: Int32 { descriptor.number }

  func accept() -> Connection? {
    let number = Glibc.accept(self.number, nil, nil)
    return number >= 0 ? Connection(Socket(Descriptor(owning: number))) : nil
  }

  /// Binds to a port that the kernel chooses, and returns it.
  func bind(to address: Address) -> UInt16 {
    var own = Self.socketAddress(Endpoint(address: address, port: 0))
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = unsafe withUnsafeMutablePointer(to: &own) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        let bound = unsafe Glibc.bind(number, generic, size)
        return unsafe bound == 0 ? getsockname(number, generic, &size) : bound
      }
    }
    precondition(status == 0, "cannot bind \(address)")
    return UInt16(bigEndian: own.sin_port)
  }

  func connect(to endpoint: Endpoint) -> Int32 {
    var other = Self.socketAddress(endpoint)
    return unsafe withUnsafeMutablePointer(to: &other) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func socketAddress(_ endpoint: Endpoint) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = endpoint.port.bigEndian
    unsafe inet_pton(AF_INET, "\(endpoint.address)", &address.sin_addr)
    return address
  }
}

/// One for all tests: it has a thread.
let prober = Prober(version: "1.2.3")

extension Search {
  /// What a job looks for that names no exporters.
  static let node = Search(.builtIn, for: ["node_exporter"])
}

extension Prober.Question {
  static let node = Prober.Question(["/metrics?collect%5B%5D=uname"], .node)
}

/// Probes a peer as a scan would.
func probe(_ peer: Peer, as endpoint: Endpoint? = nil, timeout: Duration = .seconds(20)) async throws -> Verdict {
  let verdicts = try await ask(.node, of: peer, as: endpoint, timeout: timeout).verdicts
  #expect(verdicts.count == 1)
  return verdicts[0]
}

/// Asks a peer on a connection of its own.
func ask(
  _ question: Prober.Question, of peer: Peer, as endpoint: Endpoint? = nil, timeout: Duration = .seconds(20),
  trace: (@Sendable (Prober.Step) -> Void)? = nil
) async throws -> Prober.Answer {
  let answer = try await ask(question, at: peer.endpoint, as: endpoint, timeout: timeout, trace: trace)
  // Whoever lets it go ends it.
  withExtendedLifetime(peer) {}
  return answer
}

/// Asks on a connection of its own to whatever listens there.
func ask(
  _ question: Prober.Question, at place: Endpoint, as endpoint: Endpoint? = nil, timeout: Duration = .seconds(20),
  trace: (@Sendable (Prober.Step) -> Void)? = nil
) async throws -> Prober.Answer {
  let descriptor = try place.connect()
  return await withCheckedContinuation { continuation in
    prober.ask(question, descriptor: descriptor, of: endpoint ?? place, timeout: timeout, trace: trace) {
      continuation.resume(returning: $0)
    }
  }
}

extension Verdict {
  /// This, as if the other tests did not keep the machine busy.
  var onAnIdleMachine: Verdict {
    switch self {
    case .unfinished(.overloaded): .unfinished(.timedOut)
    case .other(.brokenOff(.overloaded)): .other(.brokenOff(.timedOut))
    default: self
    }
  }
}
