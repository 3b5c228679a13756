internal import Glibc

/// An IPv4 or IPv6 address; IPv4 sorts before IPv6, each numerically.
///
/// IPv6 addresses carry no zone: a target in a `file_sd` file cannot either.
package enum Address: Hashable, Comparable, Sendable {
  case v4(UInt32)
  case v6(UInt128)

  /// Parses a dotted quad without leading zeros, or an IPv6 address as in RFC 4291 section 2.2.
  package init?(_ text: some StringProtocol) {
    if text.utf8.contains(UInt8(ascii: ":")) {
      guard let value = Self.parseIPv6(String(text)) else { return nil }
      self = .v6(value)
    } else {
      guard let value = Self.parseIPv4(text) else { return nil }
      self = .v4(value)
    }
  }

  /// The number of bits of this address's family, 32 or 128.
  package var bitWidth: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// Four decimal octets; `010` is refused, because some programs read it as octal 8.
  private static func parseIPv4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard let octet = parseOctet(part) else { return nil }
      value = value << 8 | UInt32(octet)
    }
    return value
  }

  /// One to three decimal digits up to 255, with no leading zero.
  static func parseOctet(_ text: some StringProtocol) -> UInt8? {
    let isDigits = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isDigits, text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
    return UInt8(text)
  }

  private static func parseIPv6(_ text: String) -> UInt128? {
    var bytes = in6_addr()
    // C reads up to a NUL and would not see what follows.
    guard !text.utf8.contains(0), unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    return unsafe withUnsafeBytes(of: &bytes) { bytes in
      unsafe bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    }
  }
}

extension Address: CustomStringConvertible {
  /// The dotted quad, or the form that RFC 5952 recommends for IPv6.
  package var description: String {
    switch self {
    case .v4(let value):
      return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    case .v6(let value):
      var bytes = in6_addr()
      unsafe withUnsafeMutableBytes(of: &bytes) { bytes in
        for index in 0..<16 { unsafe bytes[index] = UInt8(truncatingIfNeeded: value >> (120 - 8 * index)) }
      }
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
      return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
