import Addressing
import Glibc
import Testing

@Suite struct SocketAddresses {
  @Test(arguments: ["10.1.2.3:9100", "255.255.255.255:65535", "[::1]:1", "[fd00:1:2::a:b]:9182"])
  func isReadAsItWasWritten(_ written: String) throws {
    let endpoint = try #require(Endpoint(written))
    let bytes = unsafe endpoint.withSocketAddress { unsafe Array(UnsafeRawBufferPointer(start: $0, count: Int($1))) }
    // As the system's own parser and writer have it.
    var host = [CChar](repeating: 0, count: 64)
    var port = [CChar](repeating: 0, count: 8)
    let status = unsafe endpoint.withSocketAddress {
      unsafe getnameinfo($0, $1, &host, 64, &port, 8, NI_NUMERICHOST | NI_NUMERICSERV)
    }
    #expect(status == 0)
    #expect(text(of: host) == "\(endpoint.address)")
    #expect(text(of: port) == "\(endpoint.port)")
    #expect(unsafe bytes.withUnsafeBytes { unsafe Address(socketAddress: $0) } == endpoint.address)
    let cut = bytes.dropLast()
    #expect(unsafe cut.withUnsafeBytes { unsafe Address(socketAddress: $0) } == nil)
  }

  @Test func anotherFamilyOrNothingIsNoAddress() {
    for bytes in [[], [2], [UInt8](repeating: 0, count: 128), [1, 0] + [UInt8](repeating: 7, count: 126)] {
      #expect(unsafe bytes.withUnsafeBytes { unsafe Address(socketAddress: $0) } == nil)
    }
  }

  private func text(of characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
