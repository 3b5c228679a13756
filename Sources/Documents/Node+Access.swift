extension Node {
  /// True for a plain `null` or `~` and for a value that is not there; false for the text `"null"` in quotes.
  package var isNull: Bool {
    guard case .scalar(let text, isQuoted: false) = value else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The text of a scalar that is not null.
  package var text: String? {
    guard case .scalar(let text, _) = value, !isNull else { return nil }
    return text
  }

  /// The items of a sequence.
  package var items: [Node]? {
    guard case .sequence(let items) = value else { return nil }
    return items
  }

  /// The entries of a mapping.
  package var entries: [Entry]? {
    guard case .mapping(let entries) = value else { return nil }
    return entries
  }
}
