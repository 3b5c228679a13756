import Foundation
import Glibc

/// A client on a plain blocking socket: what it sends is what the server gets.
final class Client {
  private let descriptor: Int32

  init?(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      return nil
    }
    // A server that says nothing fails the test instead of stopping it.
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  @discardableResult func send(_ text: String) -> Client {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return self }
      rest = rest.dropFirst(count)
    }
    return self
  }

  /// Says no more, and listens.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What comes until the server closes; nil in the last place where it does not.
  func readToEnd() -> (text: String, isClosed: Bool) {
    var bytes: [UInt8] = []
    while true {
      let (more, isClosed) = readSome()
      bytes += more
      if isClosed || more.isEmpty { return (String(decoding: bytes, as: UTF8.self), isClosed) }
    }
  }

  /// One answer with a Content-Length.
  func readAnswer() -> String {
    var bytes: [UInt8] = []
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n"),
        let length = text[..<end.lowerBound].split(separator: "\r\n").first(where: {
          $0.lowercased().hasPrefix("content-length: ")
        }).flatMap({ Int($0.dropFirst(16)) }), text[end.upperBound...].utf8.count >= length
      {
        return text
      }
      let (more, isClosed) = readSome()
      if more.isEmpty || isClosed { return text }
      bytes += more
    }
  }

  private func readSome() -> (bytes: [UInt8], isClosed: Bool) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return (Array(buffer.prefix(max(0, count))), count == 0)
  }
}
