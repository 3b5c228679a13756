import Addressing
import Support
import Testing

struct AddressTests {
  @Test(arguments: [
    ("0.0.0.0", 0), ("10.0.1.99", 0x0A00_0163), ("255.255.255.255", 0xFFFF_FFFF), ("1.2.3.4", 0x0102_0304),
  ])
  func parsesDottedQuads(text: String, value: UInt32) {
    #expect(Address(text) == .v4(value))
    #expect(Address.v4(value).description == text)
  }

  @Test(arguments: [
    "", ".", "10", "10.0.1", "10.0.0.1.2", "10.0.0.", ".0.0.1", "10..0.1", "256.0.0.1", "10.0.0.1000",
    "010.0.0.1", "10.0.0.00", "0x0a.0.0.1", "+10.0.0.1", "-1.0.0.1", " 10.0.0.1", "10.0.0.1 ", "10.0.0.1\n",
    "10.0.0.1\0", "10.0.0.1/32", "10.0.0.1:9100", "१०.0.0.1", "10.0.0.1\u{301}", "localhost", "167772161",
  ])
  func refusesWhatIsNoDottedQuad(text: String) {
    #expect(Address(text) == nil)
  }

  @Test(arguments: [
    "", ":", ":::", "1", "1:2", "1::2::3", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "fe80::1%eth0", "[::1]",
    "::1/128", "::ffff:10.0.0.256", "::ffff:010.0.0.1", "::10.0.0", " ::1", "::1 ", "::1\n", "::1\0",
    "::1\0:junk", "::\u{661}", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:",
  ])
  func refusesWhatIsNoIPv6(text: String) {
    #expect(Address(text) == nil)
  }

  /// What is accepted, how RFC 5952 section 4 writes it, and its sixteen bytes.
  @Test(arguments: [
    ("::", "::", "00000000000000000000000000000000"),
    ("0:0:0:0:0:0:0:1", "::1", "00000000000000000000000000000001"),
    // 4.1, 4.3: no leading zeros, lower case.
    ("2001:0DB8::0001", "2001:db8::1", "20010db8000000000000000000000001"),
    // 4.2.1: as short as can be.
    ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1", "20010db8000000000000000000020001"),
    // 4.2.2: not for a single zero.
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001"),
    // 4.2.3: the longest run.
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "20010000000000010000000000000001"),
    // 4.2.3: the first of equal runs.
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "20010db8000000000001000000000001"),
    ("fd00:1:0:0::", "fd00:1::", "fd000001000000000000000000000000"),
    // 5: IPv4 within a well-known prefix.
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201"),
    ("::FFFF:c000:201", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201"),
    (
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      "ffffffffffffffffffffffffffffffff"
    ),
  ])
  func writesIPv6AsRFC5952Does(text: String, canonical: String, bytes: String) throws {
    let address = Address.v6(try #require(UInt128(bytes, radix: 16)))
    #expect(Address(text) == address)
    #expect(address.description == canonical)
    #expect(Address(canonical) == address)
  }

  @Test
  func readsWhatItWrites() {
    var random = SplitMix(seed: 5)
    for _ in 0..<5000 {
      let v4 = Address.v4(UInt32.random(in: 0 ... .max, using: &random))
      #expect(Address(v4.description) == v4)
      // Groups of zeros are what the short form is about.
      let value = (0..<8).reduce(UInt128(0)) { sum, _ in
        sum << 16 | (Bool.random(using: &random) ? 0 : UInt128(UInt16.random(in: 0 ... .max, using: &random)))
      }
      let v6 = Address.v6(value)
      #expect(Address(v6.description) == v6)
    }
  }

  @Test
  func sortsIPv4FirstThenByNumber() {
    let sorted = ["2.0.0.0", "10.0.0.0", "255.255.255.255", "::", "::2", "::10", "fd00::"]
    #expect(sorted.reversed().compactMap { Address($0) }.sorted().map(\.description) == sorted)
  }

  @Test
  func knowsItsWidth() {
    #expect(Address.v4(0).bitWidth == 32)
    #expect(Address.v6(0).bitWidth == 128)
  }
}
