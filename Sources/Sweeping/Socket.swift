internal import Addressing
internal import Files
internal import Glibc

/// The system calls of a connection attempt.
enum Socket {
  /// Begins a connection; the descriptor is there where it is open or under way.
  static func connect(to endpoint: Endpoint, isBroadcast: Bool) -> (ConnectResult, Int32) {
    let family = endpoint.address.bitWidth == 32 ? AF_INET : AF_INET6
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let number = socket(family, type, 0)
    // No descriptor at all: never the endpoint's fault, so never read as broadcast.
    guard number >= 0 else { return (ConnectResult(immediate: errno, isBroadcast: false), -1) }
    let status = unsafe endpoint.withSocketAddress { unsafe Glibc.connect(number, $0, $1) }
    let result = ConnectResult(immediate: status == 0 ? 0 : errno, isBroadcast: isBroadcast)
    switch result {
    case .connected, .inProgress: return (result, number)
    default:
      close(number)
      return (result, -1)
    }
  }

  /// The error a handshake ended with, 0 where it succeeded.
  static func pendingError(_ descriptor: Int32) -> Int32 {
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else { return errno }
    return error
  }

  /// Lets `close()` send a reset instead of keeping the connection in TIME_WAIT (socket(7), SO_LINGER).
  static func resetOnClose(_ descriptor: Int32) {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// The address that a connection, open or under way, comes from; nil for one that is of a single link only.
  static func source(of descriptor: Int32) -> Address? {
    var storage = sockaddr_storage()
    guard fillOwnAddress(of: descriptor, &storage) else { return nil }
    let address = unsafe withUnsafeBytes(of: &storage) { unsafe Address(socketAddress: $0) }
    guard case .v6(let value) = address else { return address }
    return value >> 118 == 0x3FA ? nil : address
  }

  /// A socket that has a port of its own on every address of this machine, which no connection is given any more.
  static func bound(isIPv6: Bool) throws(LocalFailure) -> Descriptor {
    let number = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw LocalFailure(errno: errno) }
    let descriptor = Descriptor(owning: number)
    var isOnly: Int32 = 1
    if isIPv6 {
      _ = unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &isOnly, socklen_t(MemoryLayout<Int32>.size))
    }
    let anyAddress = Endpoint(address: isIPv6 ? .v6(0) : .v4(0), port: 0)
    let status = unsafe anyAddress.withSocketAddress { unsafe bind(number, $0, $1) }
    guard status == 0 else { throw LocalFailure(errno: errno) }
    return descriptor
  }

  /// The port that a socket is bound to.
  static func port(of descriptor: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    guard fillOwnAddress(of: descriptor, &storage) else { return nil }
    // The port is at the same place in both structures.
    return unsafe withUnsafeBytes(of: &storage) { UInt16(bigEndian: unsafe $0.load(as: sockaddr_in.self).sin_port) }
  }

  /// A socket for `point(_:to:)`.
  static func compass() throws(LocalFailure) -> Descriptor {
    let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw LocalFailure(errno: errno) }
    return Descriptor(owning: number)
  }

  /// Gives a datagram socket the peer `endpoint`, for which nothing is sent: its source is then the address that the
  /// kernel's routes choose. False with errno where there is no route.
  static func point(_ descriptor: Int32, to endpoint: Endpoint) -> Bool {
    // Without this the source of the peer before would be kept (__ip4_datagram_connect in net/ipv4/datagram.c).
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    _ = unsafe Glibc.connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
    return unsafe endpoint.withSocketAddress { unsafe Glibc.connect(descriptor, $0, $1) } == 0
  }

  /// Whether this machine has the address now: only then can a socket be bound to it (ip(7)).
  static func isOwn(_ address: Address) -> Bool {
    let family = address.bitWidth == 32 ? AF_INET : AF_INET6
    let number = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { return true }
    let descriptor = Descriptor(owning: number)
    let anyPort = Endpoint(address: address, port: 0)
    let status = unsafe anyPort.withSocketAddress { unsafe bind(descriptor.number, $0, $1) == 0 ? 0 : errno }
    return status != EADDRNOTAVAIL
  }

  /// Whether the connection's two ends are one: on this machine's own addresses, an attempt at a port of the ephemeral
  /// range can be given that port as its source and meet itself (TCP's simultaneous open, RFC 9293 section 3.5).
  static func isConnectedToItself(_ descriptor: Int32, _ endpoint: Endpoint) -> Bool {
    var storage = sockaddr_storage()
    guard fillOwnAddress(of: descriptor, &storage) else { return false }
    return unsafe endpoint.withSocketAddress { expected, size in
      // Family, port and address lead both structures; sin_zero and sin6_scope_id are zero in both.
      unsafe withUnsafePointer(to: &storage) { unsafe memcmp($0, expected, Int(size)) } == 0
    }
  }

  private static func fillOwnAddress(of descriptor: Int32, _ storage: inout sockaddr_storage) -> Bool {
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length) == 0
      }
    }
  }
}
