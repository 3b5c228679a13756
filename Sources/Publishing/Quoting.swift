extension [UInt8] {
  /// Appends `text` as a double-quoted scalar that YAML 1.1, YAML 1.2 and JSON (RFC 8259) read alike.
  ///
  /// What would break a line, hide or reorder text is escaped, so that a text of a stranger's stays what it
  /// looks like, and so is what the YAML of Prometheus does not read as a character.
  package mutating func append(quoted text: String) {
    append(UInt8(ascii: "\""))
    if text.utf8.allSatisfy(\.isPlain) {
      append(contentsOf: text.utf8)
    } else {
      for scalar in text.unicodeScalars { append(escaped: scalar) }
    }
    append(UInt8(ascii: "\""))
  }

  private mutating func append(escaped scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": append(contentsOf: "\\\"".utf8)
    case "\\": append(contentsOf: "\\\\".utf8)
    case "\n": append(contentsOf: "\\n".utf8)
    case "\r": append(contentsOf: "\\r".utf8)
    case "\t": append(contentsOf: "\\t".utf8)
    case _ where scalar.isUnprintable:
      let digits = String(scalar.value, radix: 16)
      append(contentsOf: "\\u".utf8)
      append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
      append(contentsOf: digits.utf8)
    default: append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }
}

extension UInt8 {
  /// Printable ASCII that means itself within double quotes.
  fileprivate var isPlain: Bool {
    (0x20...0x7E).contains(self) && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
  }
}

extension Unicode.Scalar {
  /// All of them below U+10000, where `\uXXXX` means the same in YAML and in JSON.
  fileprivate var isUnprintable: Bool {
    switch value {
    // Control characters, among them U+0085, a line break in YAML 1.1.
    case 0...0x1F, 0x7F...0x9F: true
    // Line and paragraph separator, and the controls of writing direction.
    case 0x2028...0x202E, 0x2066...0x2069: true
    // The byte order mark and two that are no characters: not printable by YAML 1.1 section 5.1.
    case 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }
}

extension String {
  /// The text in one line without surprises, cut where it is long, as a sentence shows what a stranger wrote.
  var shown: String {
    let limit = 64
    var bytes: [UInt8] = []
    bytes.append(quoted: String(unicodeScalars.prefix(limit)))
    return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
      + (unicodeScalars.count > limit ? "…" : "")
  }
}
