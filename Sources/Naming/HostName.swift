/// A host name that is safe to show and to ask for: ASCII letters, digits, `-` and `_` in labels of 1 to 63 bytes, 253
/// bytes in all (RFC 1035 section 2.3.4), in lower case and without the root's dot.
///
/// Names come from whoever runs the reverse zone, so all else is refused, and not mended.
struct HostName: Hashable {
  let text: String

  init?(_ bytes: some Sequence<UInt8>) {
    var name = bytes.map(Self.lowercased)
    if name.last == UInt8(ascii: ".") { name.removeLast() }
    // A name that begins like an option is trouble in the first script it is pasted into.
    guard name.count <= 253, name.first != UInt8(ascii: "-") else { return nil }
    let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy(Self.isLabel), let last = labels.last, !Self.isNumber(last) else { return nil }
    text = String(decoding: name, as: UTF8.self)
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
    (1...63).contains(label.count)
      && label.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// Whether a name that ends in this label is an IPv4 address to `inet_aton` and to browsers (`127.1`, `0x7f000001`);
  /// getaddrinfo would answer it without asking anyone. No top-level domain is a number.
  private static func isNumber(_ label: ArraySlice<UInt8>) -> Bool {
    if label.starts(with: "0x".utf8) {
      return label.dropFirst(2).allSatisfy { Self.isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }
    return label.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
