import Testing

@testable import Pages

/// WCAG 2.2, success criteria 1.4.3 and 1.4.11: 4.5 to 1 for text, 3 to 1 for shapes.
@Suite struct PaletteTests {
  private static let texts = [
    ("ink", "ground"), ("ink", "sheet"), ("ink", "alarm-sheet"), ("muted", "ground"), ("muted", "sheet"),
    ("accent", "ground"), ("accent", "sheet"), ("alarm", "alarm-sheet"), ("alarm", "sheet"), ("sheet", "accent"),
  ]
  private static let shapes = ["up", "silent", "held", "duplicate", "refused", "empty", "edge", "accent"].map {
    ($0, "sheet")
  }

  @Test(arguments: [0, 1], texts.map { ($0, 4.5) } + shapes.map { ($0, 3) })
  func contrasts(scheme: Int, pair: ((String, String), Double)) throws {
    let colours = Self.colours[scheme]
    let front = try #require(colours[pair.0.0])
    let back = try #require(colours[pair.0.1])
    let (light, dark) = (max(front, back), min(front, back))
    let contrast = (light + 0.05) / (dark + 0.05)
    #expect(contrast >= pair.1, "\(pair.0) in \(scheme == 0 ? "light" : "dark"): \(contrast)")
  }

  /// The luminances of the colours, of light and of dark.
  private static let colours: [[String: Double]] = {
    let style = "\(Style.page)"
    return style.components(between: ":root{", and: "}").map { block in
      var colours: [String: Double] = [:]
      for part in block.split(separator: ";") {
        let sides = part.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
        guard sides.count == 2, sides[1].hasPrefix("#"), let number = Int(sides[1].dropFirst(), radix: 16) else {
          continue
        }
        colours[String(sides[0].dropFirst(2))] = luminance(number)
      }
      return colours
    }
  }()

  /// The relative luminance of an sRGB colour, as WCAG defines it.
  private static func luminance(_ colour: Int) -> Double {
    let channels = [16, 8, 0].map { shift in
      let value = Double(colour >> shift & 255) / 255
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  /// To the 2.4th, by five roots of Newton's: 2.4 is 12 / 5.
  private static func power(_ value: Double) -> Double {
    var root = 1.0
    for _ in 0..<60 { root -= (root * root * root * root * root - value) / (5 * root * root * root * root) }
    return (0..<12).reduce(1.0) { product, _ in product * root }
  }
}

extension String {
  fileprivate func components(between start: String, and end: Character) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let place = rest.firstRange(of: start) {
      rest = rest[place.upperBound...]
      parts.append(String(rest.prefix { $0 != end }))
    }
    return parts
  }
}
