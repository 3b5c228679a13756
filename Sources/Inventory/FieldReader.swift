internal import Addressing

/// Takes the fields of one line, one after the other; nil for one that is missing or wrong.
struct FieldReader {
  let line: StoreFormat.Line
  private var rest: ArraySlice<ArraySlice<UInt8>>

  /// Fails if no line begins like this.
  init?(_ bytes: ArraySlice<UInt8>) {
    let fields = bytes.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard let name = fields.first, let line = StoreFormat.Line(rawValue: String(decoding: name, as: UTF8.self)) else {
      return nil
    }
    self.line = line
    rest = fields.dropFirst()
  }

  var isDone: Bool { rest.isEmpty }

  /// `.some(nil)` where the field says that there is nothing.
  mutating func optional<Value>(_ take: (inout FieldReader) -> Value?) -> Value?? {
    if rest.first?.elementsEqual("\\N".utf8) == true {
      rest.removeFirst()
      return .some(nil)
    }
    return take(&self).map(Optional.some)
  }

  mutating func text() -> String? {
    guard let field = rest.popFirst(), field.count <= StoreFormat.maxFieldLength else { return nil }
    guard field.contains(UInt8(ascii: "\\")) else { return String(validating: field, as: UTF8.self) }
    var bytes: [UInt8] = []
    var source = field
    while let byte = source.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch source.popFirst() {
      case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
      default: return nil
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  mutating func number() -> Int64? { text().flatMap { Int64($0) } }

  /// Within some 280,000 years of 1970, so that no sum overflows.
  mutating func time() -> WallTime? {
    number().flatMap { (-(1 << 53)...1 << 53).contains($0) ? WallTime(milliseconds: $0) : nil }
  }

  /// Not negative, and short enough that no sum overflows.
  mutating func duration() -> Duration? {
    number().flatMap { (0...Int64.max / 1_000_000).contains($0) ? .milliseconds($0) : nil }
  }

  mutating func double() -> Double? {
    text().flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
  }

  mutating func flag() -> Bool? {
    switch text() {
    case "0": false
    case "1": true
    default: nil
    }
  }

  mutating func endpoint() -> Endpoint? { text().flatMap { Endpoint($0) } }
}
