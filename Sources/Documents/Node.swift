/// Where something stands in a file, both counted from 1; columns count characters.
package struct Position: Hashable, Comparable, Sendable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (left: Position, right: Position) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A piece of a YAML or JSON document, with the place it begins at.
package struct Node: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    /// The text as it means, escapes resolved. Plain `null`, `~` and nothing at all are scalars too: see
    /// `isNull`.
    case scalar(String, isQuoted: Bool)
    case sequence([Node])
    /// In the order of the document; a key that stands twice is here twice.
    case mapping([Entry])
  }

  package struct Entry: Hashable, Sendable {
    package var key: Node
    package var value: Node

    package init(key: Node, value: Node) {
      self.key = key
      self.value = value
    }
  }

  package var value: Value
  package var position: Position

  package init(_ value: Value, at position: Position) {
    self.value = value
    self.position = position
  }
}
