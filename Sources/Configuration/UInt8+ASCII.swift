extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }

  /// An ASCII letter or a digit.
  var isAlphanumeric: Bool {
    isDigit || isLowercaseLetter || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }

  /// An ASCII letter, a digit or `_`.
  var isWordCharacter: Bool { isAlphanumeric || self == UInt8(ascii: "_") }
}
