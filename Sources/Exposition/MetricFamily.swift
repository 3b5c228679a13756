/// Metrics of one name, as a program exposes them in the Prometheus text format 0.0.4.
package struct MetricFamily: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  package typealias Labels = [(name: String, value: String)]

  package let name: String
  /// One line.
  package let help: String
  package let kind: Kind
  private var lines: [UInt8] = []

  package init(_ name: String, _ kind: Kind, _ help: String) {
    (self.name, self.kind, self.help) = (name, kind, help)
  }

  /// A family of one value without labels.
  package init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    self.init(name, kind, help)
    add(value)
  }

  /// Adds one value; the order of values is that in which they are added.
  package mutating func add(_ value: Double, _ labels: Labels = []) { append(name, labels, value) }

  /// Adds the buckets, the sum and the count of a histogram.
  package mutating func add(_ histogram: Histogram, _ labels: Labels = []) {
    var total = 0
    for (bound, count) in zip(Histogram.bounds, histogram.counts) {
      total += count
      append("\(name)_bucket", labels + [("le", Self.text(bound))], Double(total))
    }
    append("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
    append("\(name)_sum", labels, histogram.sum)
    append("\(name)_count", labels, Double(histogram.count))
  }

  /// What a scrape reads of it; nothing where it has no value.
  package var exposition: [UInt8] {
    guard !lines.isEmpty else { return [] }
    return Array("# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n".utf8) + lines
  }

  private mutating func append(_ name: String, _ labels: Labels, _ value: Double) {
    let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
    lines += "\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(Self.text(value))\n".utf8
  }

  private static func text(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return "\(whole)" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value.isNaN ? "NaN" : "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// How often something took how long.
package struct Histogram: Hashable, Sendable {
  /// The upper bounds of the buckets, in seconds: from a scan of a /24 to one of a large network.
  package static let bounds: [Double] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600]

  package private(set) var counts = [Int](repeating: 0, count: bounds.count)
  package private(set) var count = 0
  package private(set) var sum = 0.0

  package init() {}

  package mutating func observe(_ duration: Duration) {
    let seconds = duration / .seconds(1)
    if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { counts[bucket] += 1 }
    count += 1
    sum += seconds
  }
}
