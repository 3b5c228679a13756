extension String {
  /// The text as a message can show it: what a terminal would act on is escaped, the end of a long one cut.
  var excerpt: String {
    var shown = ""
    for scalar in unicodeScalars.prefix(Self.excerptLength) {
      shown += scalar.isInvisible ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return unicodeScalars.count > Self.excerptLength ? shown + "…" : shown
  }

  /// Longer than any range can be; a line of messages stays a line.
  private static let excerptLength = 100

  /// True for a control character anywhere in the text.
  var hasControlCharacters: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}

extension Unicode.Scalar {
  fileprivate var isInvisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
