/// One line of an exposition that carries a value: a metric name, its labels and the value.
///
/// Reads the text format 0.0.4 and OpenMetrics as far as they agree; a timestamp and an exemplar are not looked at. Metric names in quotes (UTF-8 names of Prometheus 3) are no samples here.
package struct Sample: Hashable, Sendable {
  package let name: String
  package let labels: [String: String]
  /// Nil where what stands there is no number.
  package let value: Double?

  /// Parses a line without its line feed; nil for comments, empty lines and anything malformed, invalid UTF-8 included.
  package init?(line: some Collection<UInt8>) {
    var rest = Array(line)[...]
    guard let name = Self.takeName(&rest, allowingColons: true) else { return nil }
    var labels: [String: String] = [:]
    let nameEnd = rest.startIndex
    Self.skipBlanks(&rest)
    if rest.first == UInt8(ascii: "{") {
      rest.removeFirst()
      guard let taken = Self.takeLabels(&rest) else { return nil }
      labels = taken
      Self.skipBlanks(&rest)
    } else if rest.startIndex == nameEnd {
      return nil
    }
    guard !rest.isEmpty else { return nil }
    self.name = name
    self.labels = labels
    let number = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    // The longest number that means something has 24 characters.
    value = number.count <= 64 ? Double(String(decoding: number, as: UTF8.self)) : nil
  }

  private static func takeName(_ rest: inout ArraySlice<UInt8>, allowingColons: Bool) -> String? {
    let name = rest.prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: ":"): allowingColons
      default: false
      }
    }
    guard let first = name.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
    rest = rest.dropFirst(name.count)
    return String(decoding: name, as: UTF8.self)
  }

  /// Takes `name="value",…}` after the opening brace.
  private static func takeLabels(_ rest: inout ArraySlice<UInt8>) -> [String: String]? {
    var labels: [String: String] = [:]
    while true {
      skipBlanks(&rest)
      if rest.first == UInt8(ascii: "}") {
        rest.removeFirst()
        return labels
      }
      guard let name = takeName(&rest, allowingColons: false) else { return nil }
      skipBlanks(&rest)
      guard rest.popFirst() == UInt8(ascii: "=") else { return nil }
      skipBlanks(&rest)
      guard let value = takeValue(&rest) else { return nil }
      guard labels.updateValue(value, forKey: name) == nil else { return nil }
      skipBlanks(&rest)
      if rest.first == UInt8(ascii: ",") {
        rest.removeFirst()
      } else if rest.first != UInt8(ascii: "}") {
        return nil
      }
    }
  }

  /// Takes a quoted value, in which a backslash escapes a backslash, a quote or, as `\n`, a line feed.
  private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        switch rest.popFirst() {
        case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
        case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
        default: return nil
        }
      default: bytes.append(byte)
      }
    }
    return nil
  }

  private static func skipBlanks(_ rest: inout ArraySlice<UInt8>) {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }
}
