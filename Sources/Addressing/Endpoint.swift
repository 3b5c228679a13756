/// An address and a TCP port that may be an exporter.
package struct Endpoint: Hashable, Comparable, Sendable {
  // The address in pieces: where an `Address` and small fields share a struct, Swift 6.3 without optimisation
  // copies it with instructions for 16-byte alignment from a place that has 8, and dies of it now and then.
  private var high: UInt64
  private var low: UInt64
  private var isIPv6: Bool
  package var port: UInt16

  package init(address: Address, port: UInt16) {
    switch address {
    case .v4(let value):
      (high, low, isIPv6) = (0, UInt64(value), false)
    case .v6(let value):
      (high, low, isIPv6) = (UInt64(value >> 64), UInt64(truncatingIfNeeded: value), true)
    }
    self.port = port
  }

  package var address: Address {
    isIPv6 ? .v6(UInt128(high) << 64 | UInt128(low)) : .v4(UInt32(truncatingIfNeeded: low))
  }

  /// Parses `10.0.0.1:9100` or `[fd00::1]:9100`; a name or a missing port is refused.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let digits = bytes[(colon + 1)...]
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0
    else { return nil }
    var host = bytes[..<colon]
    let isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
    if isBracketed { host = host.dropFirst().dropLast() }
    guard let address = Address(String(decoding: host, as: UTF8.self)),
      isBracketed == (address.bitWidth == 128)
    else { return nil }
    self.init(address: address, port: port)
  }

  package static func < (left: Endpoint, right: Endpoint) -> Bool {
    // IPv4 comes first, as with addresses.
    if left.isIPv6 != right.isIPv6 { return right.isIPv6 }
    return (left.high, left.low, left.port) < (right.high, right.low, right.port)
  }
}

extension Endpoint: CustomStringConvertible {
  /// As it stands in a `file_sd` file and in a URL: IPv6 in brackets.
  package var description: String {
    switch address {
    case .v4: "\(address):\(port)"
    case .v6: "[\(address)]:\(port)"
    }
  }
}
