/// A document under construction.
///
/// Markup is what stands in this program's source: `+=` takes nothing but a `StaticString`. All else goes through
/// `text`, `attribute` and `number`, which escape it, so that a name from the network has no way to become markup.
struct HTML {
  private(set) var bytes: [UInt8] = []

  /// The longest text that is written; what is longer ends in `…`. The network's names are at most 253 (RFC 1035).
  static let longestText = 1_000

  init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  static func += (html: inout HTML, markup: StaticString) {
    // The pointer does not leave the closure.
    markup.withUTF8Buffer { unsafe html.bytes.append(contentsOf: $0) }
  }

  /// Writes `text` so that it is shown as it is, in an element as well as in a quoted attribute.
  ///
  /// Characters without a shape of their own, such as those that turn the direction of writing, become U+FFFD.
  mutating func text(_ text: String, limit: Int = longestText) {
    guard text.utf8.count > limit || !text.utf8.allSatisfy(\.isPlain) else {
      bytes.append(contentsOf: text.utf8)
      return
    }
    for (position, scalar) in text.unicodeScalars.enumerated() {
      guard position < limit else {
        bytes.append(contentsOf: "…".utf8)
        return
      }
      append(scalar)
    }
  }

  /// Writes ` name="value"`.
  mutating func attribute(_ name: StaticString, _ value: String) {
    self += " "
    self += name
    self += "=\""
    text(value)
    self += "\""
  }

  /// Writes a number with a comma before each three digits.
  mutating func number(_ value: some BinaryInteger) {
    let digits = String(value)
    for (position, digit) in digits.utf8.enumerated() {
      if position > 0, (digits.utf8.count - position).isMultiple(of: 3) { bytes.append(UInt8(ascii: ",")) }
      bytes.append(digit)
    }
  }

  /// Writes a number that a machine reads.
  mutating func digits(_ value: some BinaryInteger) {
    bytes.append(contentsOf: String(value).utf8)
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "&": self += "&amp;"
    case "<": self += "&lt;"
    case ">": self += "&gt;"
    case "\"": self += "&quot;"
    case "'": self += "&#39;"
    case _ where scalar.isShapeless: self += "\u{FFFD}"
    default: bytes.append(contentsOf: Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
    }
  }
}

extension UInt8 {
  /// Whether it is ASCII that needs no escaping anywhere.
  fileprivate var isPlain: Bool {
    switch self {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    default: (0x20..<0x7F).contains(self)
    }
  }
}

extension Unicode.Scalar {
  /// Whether it controls what stands around it, or is nothing that a font shows.
  fileprivate var isShapeless: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
    default: false
    }
  }
}
