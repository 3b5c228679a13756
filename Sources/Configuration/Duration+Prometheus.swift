extension Duration {
  private static let prometheusUnits: [(name: String, milliseconds: Int64)] = [
    ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
    ("s", 1000), ("ms", 1),
  ]

  /// Parses a duration as Prometheus writes it, such as `1h30m`: each unit at most once, in descending order;
  /// only `0` may go without. Fails beyond 2^63 nanoseconds, some 292 years, where Prometheus does.
  package init?(prometheusText text: some StringProtocol) {
    if text == "0" {
      self = .zero
      return
    }
    var units = Self.prometheusUnits[...]
    var rest = text.utf8[...]
    var milliseconds: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      let letters = rest.dropFirst(digits.count).prefix {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
      }
      guard let number = Int64(String(decoding: digits, as: UTF8.self)),
        let index = units.firstIndex(where: { letters.elementsEqual($0.name.utf8) })
      else { return nil }
      let (part, isTooLong) = number.multipliedReportingOverflow(by: units[index].milliseconds)
      let (sum, isTooMuch) = milliseconds.addingReportingOverflow(part)
      guard !isTooLong, !isTooMuch, sum <= Int64.max / 1_000_000 else { return nil }
      milliseconds = sum
      units = units[(index + 1)...]
      rest = rest.dropFirst(digits.count + letters.count)
    }
    self = .milliseconds(milliseconds)
  }

  /// The duration as Prometheus writes it, cut to milliseconds: `1h30m`, `0s`; years and weeks only if they
  /// come out even, as `90d` reads better than `12w6d`.
  package var prometheusText: String {
    let (seconds, attoseconds) = components
    let milliseconds = Int128(seconds) * 1000 + Int128(attoseconds / 1_000_000_000_000_000)
    var rest = milliseconds.magnitude
    var text = milliseconds < 0 ? "-" : ""
    for (name, size) in Self.prometheusUnits {
      let (count, remainder) = rest.quotientAndRemainder(dividingBy: UInt128(size))
      let isWhole = remainder == 0 || !["y", "w"].contains(name)
      guard count > 0, isWhole else { continue }
      text += "\(count)\(name)"
      rest = remainder
    }
    return milliseconds == 0 ? "0s" : text
  }
}
