extension Position {
  /// The place right after `bytes`, which are the beginning of a file.
  ///
  /// Lines end as in YAML 1.1: at CR, LF, CR LF, NEL, LS and PS.
  init(after bytes: some Collection<UInt8>) {
    self.init(line: 1, column: 1)
    var previous: Unicode.Scalar = " "
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if Self.lineBreaks.contains(scalar) {
        if !(previous == "\r" && scalar == "\n") { line += 1 }
        column = 1
      } else {
        column += 1
      }
      previous = scalar
    }
  }

  private static let lineBreaks: Set<Unicode.Scalar> = ["\r", "\n", "\u{85}", "\u{2028}", "\u{2029}"]
}
