extension Prefix {
  /// The length of an IPv6 prefix that makes a group: a subnet has 64 bits (RFC 4291 section 2.5.4).
  private static let ipv6GroupBy = 64

  /// The prefix that `address` is grouped by: of `length` bits for IPv4, of a subnet for IPv6.
  package init(grouping address: Address, by length: Int) {
    self.init(containing: address, length: address.bitWidth == 32 ? length : Self.ipv6GroupBy)
  }
}

extension Prefix {
  /// Parses `10.0.0.0/24`; one with host bits set is refused.
  package init?(text: String) {
    guard let range = try? AddressRange(text), case .prefix(let prefix) = range.form else { return nil }
    self = prefix
  }
}
