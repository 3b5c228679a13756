/// Why some bytes are not a document; `description` is the sentence to show, without the place it stands at.
package enum DocumentError: Error, Hashable, Sendable {
  /// The words are libyaml's: what it met, and while doing what since when.
  case syntax(Position, problem: String, context: String?, began: Position?)
  case notUTF8(Position)
  case directive(Position)
  case anchor(Position)
  case alias(Position)
  case unknownAnchor(Position)
  case tooManyRepetitions(Position)
  case tag(Position)
  case secondDocument(Position)
  case tooDeep(Position)
  case tooLarge(count: Int, limit: Int)

  /// How many sequences and mappings may stand inside one another.
  package static let maxDepth = 64
  /// How many bytes a document may have where nothing else is said.
  package static let maxBytes = 8 << 20
  /// How many nodes aliases may repeat, so that a short document cannot ask for hours.
  package static let maxRepeatedNodes = 1_000_000

  /// Where the document stops being one.
  package var position: Position {
    switch self {
    case .syntax(let position, _, _, _), .notUTF8(let position), .directive(let position),
      .anchor(let position), .alias(let position), .unknownAnchor(let position), .tooManyRepetitions(let position),
      .tag(let position), .secondDocument(let position),
      .tooDeep(let position):
      position
    case .tooLarge:
      Position(line: 1, column: 1)
    }
  }
}

extension DocumentError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .syntax(_, let problem, let context, let began):
      Self.sentence(problem, context: context, began: began)
    case .notUTF8:
      "not valid UTF-8"
    case .directive:
      "a line may not begin with '%'; directives are not supported"
    case .anchor:
      "anchors ('&name') are not supported; write the value out"
    case .alias:
      "aliases ('*name') are not supported; write the value out"
    case .unknownAnchor:
      "an alias ('*name') of an anchor ('&name') that does not stand before it"
    case .tooManyRepetitions:
      "aliases repeat more than \(Self.maxRepeatedNodes) values"
    case .tag:
      "tags ('!name') are not supported; write the value alone"
    case .secondDocument:
      "a second document begins; only one is read"
    case .tooDeep:
      "more than \(Self.maxDepth) lists and mappings inside one another"
    case .tooLarge(let count, let limit):
      "\(count) bytes are more than the \(limit) that are read"
    }
  }

  private static func sentence(_ problem: String, context: String?, began: Position?) -> String {
    let during = context.map { " \($0)" } ?? ""
    let since = began.map { " that began at \($0.line):\($0.column)" } ?? ""
    return "not valid YAML: \(problem)\(during)\(since)\(advice[problem] ?? "")"
  }

  /// What to do about the mistakes of every day, of which libyaml says little.
  private static let advice = [
    "found character that cannot start any token":
      "; indent with spaces, not tabs, and quote what begins with '@', '`' or '%'",
    "did not find expected node content": "; a ']' or '}' is missing, or quotes around what begins with ':'",
    "found unexpected ':'": "; quote what ends with ':'",
  ]
}
