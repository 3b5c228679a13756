import Testing

@testable import Naming

struct HostNameTests {
  private static let label63 = String(repeating: "a", count: 63)
  /// Four labels and three dots.
  private static let name253 = [label63, label63, label63, String(repeating: "b", count: 61)].joined(separator: ".")

  @Test(arguments: [
    ("web1.example.org", "web1.example.org"), ("web1.example.org.", "web1.example.org"),
    ("WEB1.Example", "web1.example"),
    ("localhost", "localhost"), ("a", "a"), ("_gateway", "_gateway"), ("a_b-c.d", "a_b-c.d"),
    ("10-0-1-7.example", "10-0-1-7.example"), ("7.1.0.10.in-addr.arpa", "7.1.0.10.in-addr.arpa"), ("1.a", "1.a"),
    ("1a", "1a"), ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("0x7f.com", "0x7f.com"), ("0xg", "0xg"),
    (label63, label63), (name253, name253), (name253 + ".", name253),
  ])
  func readsNames(text: String, name: String) {
    #expect(HostName(text.utf8)?.text == name)
  }

  @Test(arguments: [
    "", ".", "..", "a..", "a..b", ".a", "a b", " a", "a ", "a\n", "a\0", "a\0b", "a\tb", "\u{1b}[31mred", "a\u{7f}",
    "bücher.example", "a\u{202e}b", "web１", "a\\046b", "a\\b", "a/b", "a:9100", "fe80::1", "fe80::1%eth0", "[::1]",
    "a,b",
    "a\"b", "a'b", "{{a}}", "$(id)", "a;b", "<b>", "*.example", "a@b", "a=b", "-rf", "-a.example",
    label63 + "a", name253 + "b", name253 + ".b",
  ])
  func refusesWhatIsNoName(text: String) {
    #expect(HostName(text.utf8) == nil)
  }

  @Test(arguments: [
    "10.0.0.1", "127.1", "1", "2130706433", "0x7f000001", "0X7F.1", "0x", "host.10", "1.2.3.4.", "a.0x7f",
  ])
  func refusesWhatInetAtonReadsAsAnAddress(text: String) {
    #expect(HostName(text.utf8) == nil)
  }

  @Test(arguments: [UInt8(0x80), 0xC3, 0xFF])
  func refusesBytesThatAreNoASCII(byte: UInt8) {
    #expect(HostName([0x61, byte, 0x62]) == nil)
  }
}
