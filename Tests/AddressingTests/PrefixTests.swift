import Addressing
import Testing

struct PrefixTests {
  @Test(arguments: [
    ("10.1.2.3", 0, "0.0.0.0/0", "255.255.255.255"),
    ("10.1.2.3", 8, "10.0.0.0/8", "10.255.255.255"),
    ("10.1.2.3", 24, "10.1.2.0/24", "10.1.2.255"),
    ("10.1.2.3", 31, "10.1.2.2/31", "10.1.2.3"),
    ("10.1.2.3", 32, "10.1.2.3/32", "10.1.2.3"),
    ("255.255.255.255", 1, "128.0.0.0/1", "255.255.255.255"),
    ("10.1.2.3", 33, "10.1.2.3/32", "10.1.2.3"),
    ("10.1.2.3", -1, "0.0.0.0/0", "255.255.255.255"),
    ("fd00:1:2:3:4::", 0, "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fd00:1:2:3:4::", 64, "fd00:1:2:3::/64", "fd00:1:2:3:ffff:ffff:ffff:ffff"),
    ("fd00:1:2:3:4::", 128, "fd00:1:2:3:4::/128", "fd00:1:2:3:4::"),
    ("fd00:1:2:3:4::", 129, "fd00:1:2:3:4::/128", "fd00:1:2:3:4::"),
  ])
  func isTheBlockAroundAnAddress(address: String, length: Int, block: String, last: String) throws {
    let prefix = Prefix(containing: try #require(Address(address)), length: length)
    #expect(prefix.description == block)
    #expect(prefix.last.description == last)
  }

  @Test
  func sortsByAddressThenLength() throws {
    let address = try #require(Address("10.0.0.0"))
    let next = try #require(Address("10.0.1.0"))
    let sorted = [
      Prefix(containing: address, length: 8), Prefix(containing: address, length: 24),
      Prefix(containing: next, length: 24), Prefix(containing: .v6(0), length: 0),
    ]
    #expect(sorted.reversed().sorted() == sorted)
  }
}
