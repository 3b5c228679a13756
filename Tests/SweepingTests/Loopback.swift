import Addressing
import Files
import Glibc
import Sweeping
import Testing

/// A listening socket on an address of 127.0.0.0/8, all of which is this machine.
final class Listener: Sendable {
  let endpoint: Endpoint
  private let descriptor: Descriptor

  /// Listens on `address`; port 0 lets the kernel choose one. A `backlog` of zero holds one connection, and lets every
  /// further attempt go unanswered: that is what silence looks like without a network.
  init(_ address: String, port: UInt16 = 0, backlog: Int32 = 128) throws {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    precondition(number >= 0, "no socket")
    descriptor = Descriptor(owning: number)
    endpoint = Endpoint(address: try #require(Address(address)), port: Self.bind(number, address, port))
    precondition(listen(number, backlog) == 0, "cannot listen")
  }

  /// Binds a socket and returns its port.
  static func bind(_ number: Int32, _ address: String, _ port: UInt16) -> UInt16 {
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_port = port.bigEndian
    unsafe inet_pton(AF_INET, address, &own.sin_addr)
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

  var number: Int32 { descriptor.number }

  /// Takes one connection; blocks until there is one.
  func accept() -> Descriptor {
    Descriptor(owning: Glibc.accept(descriptor.number, nil, nil))
  }
}

/// A port on which nothing listens: bound, so that nobody else takes it, and not listening.
final class ClosedPort: Sendable {
  let port: UInt16
  private let descriptor: Descriptor

  init(_ address: String) {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    descriptor = Descriptor(owning: number)
    port = Listener.bind(number, address, 0)
  }
}

extension EndpointSet {
  /// The endpoints of ranges as a user writes them.
  static func of(_ ranges: String..., port: UInt16) throws -> EndpointSet {
    let spans = try ranges.flatMap { try AddressRange($0).all }
    return try #require(EndpointSet(addresses: AddressSet(spans), ports: [port]))
  }
}
