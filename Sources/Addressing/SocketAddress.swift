package import Glibc

// The form that system calls want addresses in: sockaddr_in of ip(7), sockaddr_in6 of ipv6(7).

extension Endpoint {
  /// The pointer is good within `body` only.
  package func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    switch address {
    case .v4(let value):
      var form = sockaddr_in()
      form.sin_family = sa_family_t(AF_INET)
      form.sin_port = port.bigEndian
      form.sin_addr.s_addr = value.bigEndian
      return unsafe Self.rebind(&form, body)
    case .v6(let value):
      var form = sockaddr_in6()
      form.sin6_family = sa_family_t(AF_INET6)
      form.sin6_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &form.sin6_addr) { bytes in
        for index in 0..<16 { unsafe bytes[index] = UInt8(truncatingIfNeeded: value >> (120 - 8 * index)) }
      }
      return unsafe Self.rebind(&form, body)
    }
  }

  private static func rebind<Form, Result>(
    _ form: inout Form, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    let size = socklen_t(MemoryLayout<Form>.size)
    return unsafe withUnsafePointer(to: &form) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
    }
  }
}

extension Address {
  /// Nil where the bytes are of another family, or too few.
  package init?(socketAddress bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
    switch unsafe (Int32(bytes.loadUnaligned(as: sa_family_t.self)), bytes.count) {
    case (AF_INET, MemoryLayout<sockaddr_in>.size...):
      self = .v4(UInt32(bigEndian: unsafe bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
    case (AF_INET6, MemoryLayout<sockaddr_in6>.size...):
      self = .v6(unsafe bytes[8..<24].reduce(0) { $0 << 8 | UInt128($1) })
    default: return nil
    }
  }
}
