import NIOCore
import Testing

@testable import Web

@Suite struct Hosts {
  private let hosts = AllowedHosts(["Scanner", "scanner.example.org", "xn--nxasmq6b."])

  @Test(arguments: [
    nil, "", "127.0.0.1", "127.0.0.1:19100", "10.1.2.3:80", "[::1]", "[::1]:19100", "[FD00::1]:1", "localhost",
    "LOCALHOST:19100", "localhost.", "a.localhost", "scanner", "SCANNER.example.ORG:19100", "scanner.example.org.",
    "scanner.example.org.:80", "xn--nxasmq6b:",
  ])
  func admitsItsOwnNamesAndAnyAddress(host: String?) { #expect(hosts.admits(host)) }

  @Test(arguments: [
    "evil.example", "evil.example:19100", "scanner.evil.example", "scanner.example.org.evil.example", "xlocalhost",
    "localhost.evil.example", "127.0.0.1.evil.example", "127.1", "0x7f000001", "::1", "[::1", "[::1]x", "[::1].evil:80",
    "[127.0.0.1]", "[scanner]", "scanner:80:80", "scanner:80x", "a@scanner", "scanner/", " scanner", "scanner ", ".",
    ".localhost.evil", "localhost..", "fe80::1%eth0", "[fe80::1%eth0]", "scänner",
  ])
  func admitsNoOther(host: String) { #expect(!hosts.admits(host)) }
}

@Suite struct Peers {
  private func peer(_ address: String) throws -> Peer { Peer(try SocketAddress(ipAddress: address, port: 1)) }

  @Test func areAddresses() throws {
    #expect(try peer("10.0.0.1") == .v4(0x0A00_0001))
    #expect(try peer("::ffff:10.0.0.1") == .v4(0x0A00_0001))
    #expect(try peer("2001:db8:1:2:3::4") == peer("2001:db8:1:2::9"))
    #expect(try peer("2001:db8:1:3::4") != peer("2001:db8:1:2::4"))
    #expect(Peer(nil) == .local)
    #expect(Peer(try SocketAddress(unixDomainSocketPath: "/run/x")) == .local)
  }
}
