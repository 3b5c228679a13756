internal import Addressing
internal import Glibc

/// The resolver of the C library: getnameinfo(3) and getaddrinfo(3), which block for as long as resolv.conf(5) says,
/// by default five seconds twice for each name server.
enum SystemLookup {
  static func answer(for address: Address) -> Answer {
    Answer(confirming: address, reverse: name, forward: addresses)
  }

  private static func name(of address: Address) throws(LookupFailure) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = unsafe withSocketAddress(of: address) { pointer, size in
      unsafe getnameinfo(pointer, size, &buffer, socklen_t(buffer.count), nil, 0, NI_NAMEREQD)
    }
    guard status == 0 else { throw LookupFailure(status: status) }
    return buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
  }

  /// The addresses of a name that are of the family of `address`: the others would be asked for in vain.
  private static func addresses(of name: HostName, like address: Address) throws(LookupFailure) -> [Address] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = address.bitWidth == 32 ? AF_INET : AF_INET6
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name.text, nil, &hints, &first)
    guard status == 0 else { throw LookupFailure(status: status) }
    defer { unsafe freeaddrinfo(first) }
    var found: [Address] = []
    var next = unsafe first
    while let entry = unsafe next {
      if let address = unsafe Self.address(in: entry.pointee) { found.append(address) }
      unsafe next = entry.pointee.ai_next
    }
    return found
  }

  private static func address(in entry: addrinfo) -> Address? {
    let bytes = unsafe UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
    switch unsafe (entry.ai_family, bytes.count) {
    case (AF_INET, MemoryLayout<sockaddr_in>.size):
      return .v4(UInt32(bigEndian: unsafe bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
    case (AF_INET6, MemoryLayout<sockaddr_in6>.size):
      return .v6(unsafe bytes[8..<24].reduce(0) { $0 << 8 | UInt128($1) })
    default: return nil
    }
  }

  private static func withSocketAddress<Result>(
    of address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    switch address {
    case .v4(let value):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = value.bigEndian
      return unsafe rebind(&address, body)
    case .v6(let value):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
        for index in 0..<16 { unsafe bytes[index] = UInt8(truncatingIfNeeded: value >> (120 - 8 * index)) }
      }
      return unsafe rebind(&address, body)
    }
  }

  private static func rebind<SocketAddress, Result>(
    _ address: inout SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    let size = socklen_t(MemoryLayout<SocketAddress>.size)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
    }
  }
}

extension LookupFailure {
  // Two of glibc's own, from <netdb.h>, which Swift does not see.
  private static let noData: Int32 = -5
  private static let otherFamily: Int32 = -9

  /// What a status of getnameinfo or getaddrinfo other than 0 says.
  init(status: Int32) {
    switch status {
    case EAI_NONAME, Self.noData, Self.otherFamily: self = .noSuchName
    // A name longer than NI_MAXHOST is none.
    case EAI_OVERFLOW: self = .noSuchName
    default: self = .noAnswer
    }
  }
}
