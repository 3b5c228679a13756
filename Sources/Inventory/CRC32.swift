/// The checksum of Ethernet and gzip (ISO/IEC/IEEE 8802-3, RFC 1952 section 8): finds every error in up to 32 bits in a
/// row.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1 }
  }

  /// Eight hexadecimal digits.
  static func hex(of bytes: some Sequence<UInt8>) -> String {
    let value = ~bytes.reduce(~0) { value, byte in
      table[Int(truncatingIfNeeded: (value ^ UInt32(byte)) & 255)] ^ value >> 8
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
