internal import Documents

/// A text and the place it was written at, in a file or on the command line.
struct Written {
  var text: String
  var place: Place
}

extension Reader {
  /// Hands each known entry of a section to `read`, and says which are missing; returns the keys with a mistake in them.
  mutating func readEntries(
    of node: Node, as section: Section, _ subject: FormProblem.Subject,
    read: (inout Reader, _ key: String, Node) -> Void
  ) -> Set<String> {
    guard let entries = uniqueEntries(of: node, subject) else { return [] }
    var faulty: Set<String> = []
    for (key, entry) in entries {
      guard section.keys.contains(key) else {
        report(.unknownKey(key, in: section), at: entry.key)
        continue
      }
      let before = mistakes.count
      read(&self, key, entry.value)
      if mistakes.count > before { faulty.insert(key) }
    }
    // What is written out is one mistake, not two.
    let present = Set(entries.map { section.filesInstead[$0.key] ?? $0.key })
    for key in section.requiredKeys where !present.contains(key) { report(.missingKey(key), at: node) }
    return faulty
  }

  /// The entries of a mapping whose keys are texts, each key once.
  mutating func uniqueEntries(of node: Node, _ subject: FormProblem.Subject) -> [(
    key: String, entry: Node.Entry
  )]? {
    guard let entries = node.entries else {
      report(.wrongKind(subject, found: kind(of: node), wanted: .mapping), at: node)
      return nil
    }
    var places: [String: Place] = [:]
    var unique: [(key: String, entry: Node.Entry)] = []
    for entry in entries {
      guard let key = entry.key.text else {
        report(.keyIsNoText, at: entry.key)
        continue
      }
      if let first = places[key] {
        report(.duplicateKey(key, first: first), at: entry.key)
      } else {
        places[key] = place(of: entry.key)
        unique.append((key, entry))
      }
    }
    return unique
  }

  /// The items of a list.
  mutating func items(of node: Node, key: String, mayBeEmpty: Bool = false, atMost limit: Int = .max) -> [Node]? {
    guard let items = node.items else {
      report(.wrongKind(.key(key), found: kind(of: node), wanted: .list), at: node)
      return nil
    }
    guard mayBeEmpty || !items.isEmpty else {
      report(.emptyList(key), at: node)
      return nil
    }
    guard items.count <= limit else {
      report(.tooManyItems(key, count: items.count, limit: limit), at: node)
      return nil
    }
    return items
  }

  /// A text, a number or a boolean as it is written, in quotes or not.
  mutating func text(
    _ node: Node, _ subject: FormProblem.Subject, wanted: FormProblem.Kind = .text
  ) -> Written? {
    guard let text = node.text else {
      report(.wrongKind(subject, found: kind(of: node), wanted: wanted), at: node)
      return nil
    }
    return Written(text: text, place: place(of: node))
  }

  /// A scalar that YAML does not take for a text: without quotes.
  mutating func plain(_ node: Node, _ subject: FormProblem.Subject, wanted: FormProblem.Kind) -> Written? {
    guard case .scalar(let text, isQuoted: false) = node.value, !node.isNull else {
      report(.wrongKind(subject, found: kind(of: node), wanted: wanted), at: node)
      return nil
    }
    return Written(text: text, place: place(of: node))
  }

  private func kind(of node: Node) -> FormProblem.Kind {
    switch node.value {
    case .sequence: .list
    case .mapping: .mapping
    case .scalar where node.isNull: .nothing
    case .scalar(_, isQuoted: true): .quotedText
    case .scalar: .text
    }
  }
}
