import Addressing
import Testing

struct AddressRangeTests {
  @Test(arguments: [
    ("172.16.4.7", ["172.16.4.7"]),
    ("10.8.0.0", ["10.8.0.0"]),
    ("fd00::7", ["fd00::7"]),
    ("10.9.0.10-10.9.0.40", ["10.9.0.10-10.9.0.40"]),
    ("10.0.1.1-10.0.9.99", ["10.0.1.1-10.0.9.99"]),
    ("10.0.0.1-10.0.0.1", ["10.0.0.1"]),
    ("0.0.0.0-255.255.255.255", ["0.0.0.0-255.255.255.255"]),
    ("fd00::1-fd00::ff", ["fd00::1-fd00::ff"]),
    ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("10.0.0.1-3", ["10.0.0.1-10.0.0.3"]),
    ("10.0.1-2.1-3", ["10.0.1.1-10.0.1.3", "10.0.2.1-10.0.2.3"]),
    ("10.0.1-9.0-255", ["10.0.1.0-10.0.9.255"]),
    ("10.0-1.3.0-255", ["10.0.3.0-10.0.3.255", "10.1.3.0-10.1.3.255"]),
    ("9-10.0.0.5", ["9.0.0.5", "10.0.0.5"]),
    ("9-10.0-255.0-255.0-255", ["9.0.0.0-10.255.255.255"]),
    ("0-255.0-255.0-255.0-255", ["0.0.0.0-255.255.255.255"]),
    ("10.0-0.0.1-1", ["10.0.0.1"]),
  ])
  func namesEveryAddressOfARange(text: String, spans: [String]) throws {
    let range = try AddressRange(text)
    #expect(range.all.map(\.description) == spans)
    #expect(range.hosts == range.all)
  }

  /// All addresses of a block, and those that can be hosts.
  @Test(arguments: [
    ("10.8.0.0/22", "10.8.0.0-10.8.3.255", "10.8.0.1-10.8.3.254"),
    ("10.8.0.4/30", "10.8.0.4-10.8.0.7", "10.8.0.5-10.8.0.6"),
    ("10.8.0.4/31", "10.8.0.4-10.8.0.5", "10.8.0.4-10.8.0.5"),
    ("10.8.0.4/32", "10.8.0.4", "10.8.0.4"),
    ("0.0.0.0/0", "0.0.0.0-255.255.255.255", "0.0.0.1-255.255.255.254"),
    ("fd00:1::/120", "fd00:1::-fd00:1::ff", "fd00:1::-fd00:1::ff"),
    ("fd00::7/128", "fd00::7", "fd00::7"),
    ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
  ])
  func leavesNetworkAndBroadcastOutOfHosts(text: String, all: String, hosts: String) throws {
    let range = try AddressRange(text)
    #expect(range.all.map(\.description) == [all])
    #expect(range.hosts.map(\.description) == [hosts])
  }

  @Test(arguments: [
    ("10.0.1-9.1-99", 891), ("10.0.1.1-10.0.9.99", 2147), ("10.0.0.0/8", 16_777_214), ("10.0.0.1", 1),
    ("1-3.5-7.9.11-13", 27),
  ])
  func countsItsHosts(text: String, count: Int) throws {
    #expect(AddressSet(try AddressRange(text).hosts).count == UInt128(count))
  }

  @Test
  func octetRangesAreTheProductOfTheirOctets() throws {
    let set = AddressSet(try AddressRange("10.0.1-9.1-99").all)
    for third in 0...20 {
      for fourth in 0...255 {
        let address = try #require(Address("10.0.\(third).\(fourth)"))
        #expect(set.contains(address) == ((1...9).contains(third) && (1...99).contains(fourth)))
      }
    }
  }

  private static let notAnAddress =
    "is not an address, a prefix, 'a-b' or octet ranges; names are not looked up"
  private static let zone =
    "has a zone, which a target cannot carry; write addresses that are valid on every interface"
  private static let notAnOctet =
    "is not an octet of 0 to 255 or a range of them, without leading zeros"

  @Test(arguments: [
    ("", "'' \(notAnAddress)"),
    ("db1", "'db1' \(notAnAddress)"),
    ("db1.example.com", "'db1.example.com' \(notAnAddress)"),
    ("10.0.0", "'10.0.0' \(notAnAddress)"),
    ("10.0.0.1.2", "'10.0.0.1.2' \(notAnAddress)"),
    ("10.0.0.1 ", "'10.0.0.1 ' \(notAnAddress)"),
    ("10.0.0.*", "'10.0.0.*' \(notAnAddress)"),
    ("10.0.0.1,10.0.0.2", "'10.0.0.1,10.0.0.2' \(notAnAddress)"),
    ("fd00::1-5", "'fd00::1-5' \(notAnAddress)"),
    ("fd00::g", "'fd00::g' \(notAnAddress)"),
    ("::1\0", "'::1\0' \(notAnAddress)"),
    ("/24", "'/24' \(notAnAddress)"),
    ("10.0.0/24", "'10.0.0/24' \(notAnAddress)"),
    ("10.0.1-9.0/24", "'10.0.1-9.0/24' \(notAnAddress)"),
    ("10.0.0.300-10.0.1.5", "'10.0.0.300' \(notAnAddress)"),
    ("10.0.0.1-10.0.0.300", "'10.0.0.300' \(notAnAddress)"),
    ("10.0.0.1-10.0.0", "'10.0.0' \(notAnAddress)"),
    ("10.0.0.1/", "'10.0.0.1/' has no prefix length of 0 to 32"),
    ("10.0.0.0/33", "'10.0.0.0/33' has no prefix length of 0 to 32"),
    ("10.0.0.0/-1", "'10.0.0.0/-1' has no prefix length of 0 to 32"),
    ("10.0.0.0/+8", "'10.0.0.0/+8' has no prefix length of 0 to 32"),
    ("10.0.0.0/08", "'10.0.0.0/08' has no prefix length of 0 to 32"),
    ("10.0.0.0/255.0.0.0", "'10.0.0.0/255.0.0.0' has no prefix length of 0 to 32"),
    ("10.0.0.0/8/8", "'10.0.0.0/8/8' has no prefix length of 0 to 32"),
    ("10.0.0.0/99999999999999999999", "'10.0.0.0/99999999999999999999' has no prefix length of 0 to 32"),
    ("fd00::/129", "'fd00::/129' has no prefix length of 0 to 128"),
    ("10.0.0.5/24", "'10.0.0.5/24' has host bits set; write '10.0.0.0/24' or '10.0.0.5/32'"),
    ("10.0.0.5/0", "'10.0.0.5/0' has host bits set; write '0.0.0.0/0' or '10.0.0.5/32'"),
    ("fd00::5/64", "'fd00::5/64' has host bits set; write 'fd00::/64' or 'fd00::5/128'"),
    ("10.0.0.9-10.0.0.1", "'10.0.0.9-10.0.0.1' ends before it begins; write '10.0.0.1-10.0.0.9'"),
    ("fd00::2-fd00::1", "'fd00::2-fd00::1' ends before it begins; write 'fd00::1-fd00::2'"),
    ("10.0.9-1.1-99", "'10.0.9-1.1-99' ends before it begins; write '10.0.1-9.1-99'"),
    ("10.0.0.9-1", "'10.0.0.9-1' ends before it begins; write '10.0.0.1-9'"),
    ("10.0.0.1-fd00::1", "'10.0.0.1-fd00::1' begins in one address family and ends in the other"),
    ("::1-10.0.0.1", "'::1-10.0.0.1' begins in one address family and ends in the other"),
    ("10.0.1-256.1", "'1-256' in '10.0.1-256.1' \(notAnOctet)"),
    ("10.0.01-9.1", "'01-9' in '10.0.01-9.1' \(notAnOctet)"),
    ("10.0.1-2-3.1", "'1-2-3' in '10.0.1-2-3.1' \(notAnOctet)"),
    ("10.0.-3.1", "'-3' in '10.0.-3.1' \(notAnOctet)"),
    ("10.0.3-.1", "'3-' in '10.0.3-.1' \(notAnOctet)"),
    ("10.0..1", "'' in '10.0..1' \(notAnOctet)"),
    ("010.0.0.1", "'010' in '010.0.0.1' \(notAnOctet)"),
    ("10.0.0.256", "'256' in '10.0.0.256' \(notAnOctet)"),
    ("fe80::1%eth0", "'fe80::1%eth0' \(zone)"),
    (
      "1-2.0-255.0-255.1",
      "'1-2.0-255.0-255.1' falls apart into 131072 runs of addresses, more than 65536; write prefixes"
    ),
  ])
  func refusesWithASentence(text: String, sentence: String) {
    let error = #expect(throws: AddressRange.Invalid.self) { try AddressRange(text) }
    #expect(error?.description == sentence)
  }

  @Test
  func acceptsAsManyPiecesAsItAllows() throws {
    let spans = try AddressRange("10.0-255.0-255.1").all
    #expect(spans.count == AddressRange.maxPieces)
    #expect(AddressSet(spans).count == 65_536)
  }
}
