internal import Addressing
internal import Files
internal import Glibc

/// The networks this machine is attached to, where each address contacted costs an entry in the kernel's neighbour
/// table.
///
/// Read from `/proc/self/net`, which needs no netlink socket and is there in a sandboxed unit. Of IPv4 only the main routing
/// table stands there; networks of other tables are not paced. Of IPv6 all tables do, and count as one.
struct AttachedNetworks {
  let addresses: AddressSet
  private let broadcasts: Set<Address>
  /// Those /24, by their upper 24 bits, that a route leads to a part of, through a gateway or not.
  let split: Set<UInt32>

  init(routes: String, routes6: String, hasNeighbours: (String) -> Bool) {
    let all =
      routes.split(separator: "\n").compactMap { Route($0, hasNeighbours) }
      + routes6.split(separator: "\n").compactMap { Route(ipv6: $0, hasNeighbours) }
    let attached = all.filter(\.isAttached).map(\.prefix)
    addresses = Self.addresses(of: all)
    broadcasts = Set(attached.filter { $0.length < 31 && $0.address.bitWidth == 32 }.map(\.last))
    split = Set(
      all.map(\.prefix).filter { $0.length > 24 && $0.address.bitWidth == 32 }.compactMap {
        if case .v4(let network) = $0.address { network >> 8 } else { nil }
      })
  }

  /// Of the routes to an address the one with the longest prefix is taken.
  private static func addresses(of routes: [Route]) -> AddressSet {
    var attached = AddressSet()
    for (_, routes) in Dictionary(grouping: routes, by: \.prefix.length).sorted(by: { $0.key < $1.key }) {
      let spans = { isAttached in routes.filter { $0.isAttached == isAttached }.map { AddressSpan($0.prefix) } }
      attached = AddressSet(attached.subtracting(AddressSet(spans(false))).spans + spans(true))
    }
    return attached
  }

  static let none = AttachedNetworks(routes: "", routes6: "", hasNeighbours: { _ in false })

  /// Those of this moment; nil where they cannot be read.
  static func current() -> AttachedNetworks? {
    guard let routes = readText("/proc/self/net/route") else { return nil }
    // Without IPv6 there is no such file.
    return AttachedNetworks(
      routes: routes, routes6: readText("/proc/self/net/ipv6_route") ?? "",
      hasNeighbours: { interface in
        guard let text = readText("/sys/class/net/\(interface)/flags"), let flags = parseHex(text) else {
          return true
        }
        return flags & UInt64(IFF_NOARP | IFF_LOOPBACK) == 0
      })
  }

  func contains(_ address: Address) -> Bool { addresses.contains(address) }

  /// How many of `others` are in an attached network.
  func count(of others: AddressSet) -> UInt128 { others.count - others.subtracting(addresses).count }

  /// Whether the address is the broadcast address of an attached network, at which no host can be.
  func isBroadcast(_ address: Address) -> Bool { broadcasts.contains(address) }

  private static func parseHex(_ text: String) -> UInt64? {
    let digits = text.prefix { !$0.isWhitespace }
    return UInt64(digits.hasPrefix("0x") ? digits.dropFirst(2) : digits[...], radix: 16)
  }
}

/// A route that is in force.
private struct Route {
  let prefix: Prefix
  /// Whether the addresses are neighbours: not behind a gateway or a tunnel, and not given up (`blackhole`, `unreachable`).
  let isAttached: Bool

  /// Interface, destination, gateway, flags, …, mask; the numbers in hexadecimal, in the machine's byte order. What leads
  /// nowhere has no interface but `*`, and a flag that says so only in part (fib_route_seq_show in net/ipv4/fib_trie.c).
  init?(_ line: Substring, _ hasNeighbours: (String) -> Bool) {
    let fields = line.split(whereSeparator: \.isWhitespace)
    guard fields.count >= 8, let network = UInt32(fields[1], radix: 16), let flags = UInt32(fields[3], radix: 16),
      let mask = UInt32(fields[7], radix: 16), flags & Self.up != 0
    else { return nil }
    prefix = Prefix(containing: .v4(UInt32(bigEndian: network)), length: mask.nonzeroBitCount)
    isAttached = flags & Self.indirect == 0 && fields[0] != "*" && hasNeighbours(String(fields[0]))
  }

  /// Destination, its prefix length, source, its length, next hop, metric, references, uses, flags, interface.
  init?(ipv6 line: Substring, _ hasNeighbours: (String) -> Bool) {
    let fields = line.split(whereSeparator: \.isWhitespace)
    guard fields.count >= 10, let network = UInt128(fields[0], radix: 16), let length = Int(fields[1], radix: 16),
      (0...128).contains(length), let flags = UInt32(fields[8], radix: 16), network >> 120 != 0xFF,
      // What leads nowhere is not said to be up.
      flags & (Self.up | Self.reject) != 0
    else { return nil }
    prefix = Prefix(containing: .v6(network), length: length)
    isAttached = flags & Self.indirect == 0 && hasNeighbours(String(fields[9]))
    // This machine's own addresses.
    if isAttached, length == 128 { return nil }
  }

  /// RTF_UP, RTF_REJECT, and that or RTF_GATEWAY (include/uapi/linux/route.h).
  private static let up: UInt32 = 0x001
  private static let reject: UInt32 = 0x200
  private static let indirect: UInt32 = 0x202
}

/// A file of `/proc` or `/sys` as text, at most 4 MiB of it; nil where it cannot be read.
func readText(_ path: String) -> String? {
  let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard number >= 0 else { return nil }
  let file = Descriptor(owning: number)
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while bytes.count < 4 << 20 {
    let count = unsafe read(file.number, &chunk, chunk.count)
    guard count > 0 else { break }
    bytes += chunk[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}
