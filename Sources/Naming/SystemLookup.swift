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
    let status = unsafe Endpoint(address: address, port: 0).withSocketAddress { pointer, size in
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
      let bytes = unsafe UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
      if let address = unsafe Address(socketAddress: bytes) { found.append(address) }
      unsafe next = entry.pointee.ai_next
    }
    return found
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
