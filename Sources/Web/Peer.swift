internal import Addressing
internal import NIOCore

/// Where clients come from, as far as their shares are counted.
///
/// Behind a reverse proxy all clients are one peer.
enum Peer: Hashable, Sendable {
  case v4(UInt32)
  /// The first 64 bits of an IPv6 address: one machine may use as many addresses below them as it likes (RFC 4291,
  /// section 2.5.4).
  case v6(UInt64)
  /// Any process that connects to a Unix socket.
  case local

  /// The peer at the other end of a connection; a Unix socket has no address there.
  init(_ address: SocketAddress?) {
    switch address?.ipAddress.flatMap({ Address($0) }) {
    case .v4(let value)?: self = .v4(value)
    // An IPv4 client of an IPv6 socket (RFC 4291, section 2.5.5.2).
    case .v6(let value)? where value >> 32 == 0xFFFF: self = .v4(UInt32(truncatingIfNeeded: value))
    case .v6(let value)?: self = .v6(UInt64(truncatingIfNeeded: value >> 64))
    case nil: self = .local
    }
  }
}
