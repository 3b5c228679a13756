internal import Addressing
internal import Files
internal import Glibc

/// Knows by which IPv4 address of this machine others are reached, as the kernel's routes have it: the checksum of a segment
/// is about that, too, and whoever gets it wrong is not answered.
///
/// Addresses of one /24 share what was found out for ten seconds, unless a route of the main table leads to a part of it.
/// Another choice that the kernel might have made since would be answered as well: the packet is sent from the address that
/// was found, or not at all.
final class SourceFinder {
  enum Finding: Equatable {
    case source(Address)
    /// What connecting would have said.
    case failed(errno: Int32)
  }

  private let compass: Descriptor
  /// Those /24, by their upper 24 bits, of which not all addresses need have one route.
  var split: Set<UInt32>
  /// As many as a /8 has; made at the first use, as a line is also opened only to find out whether one can be had.
  private lazy var found = [Entry](repeating: Entry(), count: 65_536)

  private struct Entry {
    /// The upper 24 bits of the address.
    var block = UInt32.max
    var source: UInt32 = 0
    var until: UInt64 = 0
  }

  private static let lifetime: UInt64 = 10_000_000_000

  init(split: Set<UInt32>) throws(LocalFailure) {
    compass = try Socket.compass()
    self.split = split
  }

  func source(towards endpoint: Endpoint, at now: UInt64) -> Finding {
    guard case .v4(let value) = endpoint.address else { return .failed(errno: EAFNOSUPPORT) }
    let block = value >> 8
    let place = Int(block) & (found.count - 1)
    if found[place].block == block, now < found[place].until { return .source(.v4(found[place].source)) }
    guard Socket.point(compass.number, to: endpoint) else { return .failed(errno: errno) }
    guard case .v4(let source) = Socket.source(of: compass.number) else { return .failed(errno: errno) }
    // An address of this machine is reached from itself, and from nowhere else.
    if source != value, !split.contains(block) {
      found[place] = Entry(block: block, source: source, until: now + Self.lifetime)
    }
    return .source(.v4(source))
  }

  /// An address was lost.
  func forget() {
    for place in found.indices { found[place] = Entry() }
  }
}
