extension AddressSet {
  private static func blocks(_ texts: [String]) -> AddressSet {
    AddressSet(
      texts.map { text in
        let parts = text.split(separator: "/")
        guard let address = Address(parts[0]), let length = Int(parts[1]) else {
          preconditionFailure("'\(text)' is no prefix")
        }
        return AddressSpan(Prefix(containing: address, length: length))
      })
  }

  /// Address space that is nobody's on the public Internet: private (RFC 1918, RFC 4193), shared by carriers
  /// (RFC 6598), link-local (RFC 3927, RFC 4291) and loopback.
  package static let local = blocks([
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
  ])

  /// Addresses at which no exporter can be: "this network" (RFC 791), multicast, the reserved class E and
  /// the limited broadcast, the unspecified IPv6 address, IPv4 written as IPv6, and IPv6 link-local addresses,
  /// which mean nothing without an interface and so cannot be targets.
  package static let unscannable = blocks([
    "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::ffff:0:0/96", "ff00::/8", "fe80::/10",
  ])
}
