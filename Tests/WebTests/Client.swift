import Foundation
import Glibc

/// A client on a plain blocking socket: what it sends is what the server gets.
final class Client {
  private let descriptor: Int32

  convenience init?(port: Int) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    self.init(AF_INET, address)
  }

  convenience init?(path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in unsafe room.copyBytes(from: Array(path.utf8)) }
    self.init(AF_UNIX, address)
  }

  private init?<Address>(_ family: Int32, _ address: Address) {
    descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    let status = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      return nil
    }
    // A server that says nothing fails the test instead of stopping it.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
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
    var whole: Int?
    while whole.map({ bytes.count < $0 }) ?? true {
      let (more, isClosed) = readSome()
      if more.isEmpty || isClosed { break }
      bytes += more
      if whole == nil { whole = Self.length(ofAnswer: bytes) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Of its head and its body; nil where the head is not whole.
  private static func length(ofAnswer bytes: [UInt8]) -> Int? {
    let text = String(decoding: bytes.prefix(16 << 10), as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let head = text[..<end.lowerBound]
    let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
    return field.flatMap { Int($0.dropFirst(16)) }.map { head.utf8.count + 4 + $0 }
  }

  private func readSome() -> (bytes: [UInt8], isClosed: Bool) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return (Array(buffer.prefix(max(0, count))), count == 0)
  }
}
