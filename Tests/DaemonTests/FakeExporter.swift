import Addressing
import Foundation
import Files
import Glibc
import Sweeping
import Synchronization
import Testing

/// A node_exporter in miniature, or another server, on an address of 127.0.0.0/8.
final class FakeExporter: Sendable {
  let endpoint: Endpoint
  private let listener: Listener
  private let heard: Heard

  private final class Heard: Sendable {
    /// Nil for a connection on which no request came.
    let requests = Mutex<[String?]>([])
  }

  /// Listens on `port`, or on one that the kernel chooses.
  convenience init(_ address: String, port: UInt16 = 0, nodename: String = "web-01") throws {
    try self.init(address, port: port, says: Self.answer(nodename))
  }

  /// Says the same to each who asks; with nil it closes each connection without a word.
  init(_ address: String, port: UInt16 = 0, says answer: String?) throws {
    let listener = Listener()
    let address = try #require(Address(address))
    let port = try #require(listener.listen(on: address, port))
    self.listener = listener
    let heard = Heard()
    self.heard = heard
    endpoint = Endpoint(address: address, port: port)
    Thread.detachNewThread {
      while let connection = listener.accept() {
        Thread.detachNewThread {
          guard connection.begins() != 0x16 else {
            // As Go's server answers the beginning of a TLS handshake.
            return connection.answer(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request".utf8))
          }
          let request = connection.request()
          heard.requests.withLock { $0.append(request) }
          if let answer, request != nil { connection.answer(Array(answer.utf8)) }
        }
      }
    }
  }

  /// Whole requests, in the order in which they came.
  var requests: [String] { heard.requests.withLock { $0.compactMap(\.self) } }

  /// From now on its port is closed.
  func stop() { listener.stop() }

  deinit { listener.stop() }

  static func answer(_ nodename: String) -> String {
    let body = """
      node_exporter_build_info{version="1.5.0"} 1
      node_uname_info{nodename="\(nodename)",sysname="Linux"} 1

      """
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n\r\n" + body
  }
}

/// A listening socket; the thread that accepts closes it.
private final class Listener: Sendable {
  private let descriptor = Descriptor(
    owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))

  /// The port, or nil where it is taken.
  func listen(on address: Address, _ port: UInt16) -> UInt16? {
    // A server that comes back finds its port free at once.
    var on: Int32 = 1
    unsafe setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_port = port.bigEndian
    unsafe inet_pton(AF_INET, "\(address)", &own.sin_addr)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = descriptor.number
    let status = unsafe withUnsafeMutablePointer(to: &own) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        let bound = unsafe bind(number, generic, size)
        return unsafe bound == 0 ? getsockname(number, generic, &size) : bound
      }
    }
    guard status == 0, Glibc.listen(number, 128) == 0 else { return nil }
    return UInt16(bigEndian: own.sin_port)
  }

  func accept() -> Connection? {
    let number = Glibc.accept(descriptor.number, nil, nil)
    return number >= 0 ? Connection(Descriptor(owning: number)) : nil
  }

  func stop() { shutdown(descriptor.number, Int32(SHUT_RDWR)) }
}

private final class Connection: Sendable {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// The first byte that comes, which is left to be read; nil if the other end goes before.
  func begins() -> UInt8? {
    var byte: UInt8 = 0
    return unsafe recv(descriptor.number, &byte, 1, Int32(MSG_PEEK)) == 1 ? byte : nil
  }

  /// Reads up to an empty line; nil if the other end goes before.
  func request() -> String? {
    var request: [UInt8] = []
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard let byte = readByte() else { return nil }
      request.append(byte)
    }
    return String(decoding: request, as: UTF8.self)
  }

  /// Answers, and waits for the other end to go.
  func answer(_ answer: [UInt8]) {
    _ = unsafe send(descriptor.number, answer, answer.count, Int32(MSG_NOSIGNAL))
    shutdown(descriptor.number, Int32(SHUT_WR))
    while readByte() != nil {}
  }

  private func readByte() -> UInt8? {
    var byte: UInt8 = 0
    return unsafe recv(descriptor.number, &byte, 1, 0) == 1 ? byte : nil
  }
}
