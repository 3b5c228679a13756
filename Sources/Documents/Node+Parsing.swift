extension Node {
  /// Parses one YAML or JSON document; nil if there is nothing in it but comments.
  ///
  /// Of YAML, what makes a document other than it looks is refused: tags, directives and, unless `allowingAliases`,
  /// anchors and aliases, which otherwise stand for at most `DocumentError.maxRepeatedNodes` nodes in all. A document
  /// has at most `maxBytes` bytes and `DocumentError.maxDepth` levels.
  package static func parse(
    _ bytes: [UInt8], allowingAliases: Bool = false, maxBytes: Int = DocumentError.maxBytes
  ) throws(DocumentError) -> Node? {
    guard bytes.count <= maxBytes else { throw .tooLarge(count: bytes.count, limit: maxBytes) }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: content.span)
    } catch {
      throw .notUTF8(Position(after: content.prefix(error.byteOffsets.lowerBound)))
    }
    try refuseDirectives(in: content)

    var composer = Composer(events: EventReader(content), allowsAliases: allowingAliases)
    return try composer.document()
  }

  /// libyaml compares each %TAG line with all before it: some 100,000 of them would keep it busy for minutes.
  private static func refuseDirectives(in bytes: ArraySlice<UInt8>) throws(DocumentError) {
    let lineBreaks = ["\r", "\n", "\u{85}", "\u{2028}", "\u{2029}"].map { Array($0.utf8) }
    for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
      let before = bytes[..<index]
      if before.isEmpty || lineBreaks.contains(where: { before.suffix($0.count).elementsEqual($0) }) {
        throw .directive(Position(after: before))
      }
    }
  }
}

/// Builds nodes from events.
private struct Composer: ~Copyable {
  private var events: EventReader
  private let allowsAliases: Bool
  private var anchored: [String: (node: Node, size: Int)] = [:]
  /// Nodes made so far, those that aliases repeat among them.
  private var nodeCount = 0
  private var repeatedCount = 0

  init(events: consuming EventReader, allowsAliases: Bool) {
    self.events = events
    self.allowsAliases = allowsAliases
  }

  mutating func document() throws(DocumentError) -> Node? {
    _ = try events.next()  // the start of the stream
    guard case .documentStart = try events.next().kind else { return nil }
    let root = try node(from: try events.next(), depth: 0)
    _ = try events.next()  // the end of the document
    let next = try events.next()
    guard case .streamEnd = next.kind else { throw .secondDocument(next.position) }
    return root.value == .scalar("", isQuoted: false) ? nil : root
  }

  private mutating func node(from event: Event, depth: Int) throws(DocumentError) -> Node {
    if case .alias(let name) = event.kind { return try repetition(of: name, at: event.position) }
    guard event.anchor == nil || allowsAliases else { throw .anchor(event.position) }
    let countBefore = nodeCount
    nodeCount += 1
    let node: Node
    switch event.kind {
    case .sequenceStart: node = Node(.sequence(try items(of: event, depth: depth + 1)), at: event.position)
    case .mappingStart: node = Node(.mapping(try entries(of: event, depth: depth + 1)), at: event.position)
    case .scalar(let text, let isQuoted): node = Node(.scalar(text, isQuoted: isQuoted), at: event.position)
    default: throw .syntax(event.position, problem: "a value is missing", context: nil, began: nil)
    }
    // Only now: what is being built cannot contain itself.
    if let anchor = event.anchor { anchored[anchor] = (node, nodeCount - countBefore) }
    return node
  }

  /// The node that an alias stands for; it shares its memory, but not the time of whoever reads it.
  private mutating func repetition(of name: String, at position: Position) throws(DocumentError) -> Node {
    guard allowsAliases else { throw .alias(position) }
    guard let (node, size) = anchored[name] else { throw .unknownAnchor(position) }
    repeatedCount += size
    nodeCount += size
    guard repeatedCount <= DocumentError.maxRepeatedNodes else { throw .tooManyRepetitions(position) }
    return node
  }

  private mutating func items(of start: Event, depth: Int) throws(DocumentError) -> [Node] {
    guard depth <= DocumentError.maxDepth else { throw .tooDeep(start.position) }
    var items: [Node] = []
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { return items }
      items.append(try node(from: event, depth: depth))
    }
  }

  private mutating func entries(of start: Event, depth: Int) throws(DocumentError) -> [Node.Entry] {
    guard depth <= DocumentError.maxDepth else { throw .tooDeep(start.position) }
    var entries: [Node.Entry] = []
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return entries }
      let key = try node(from: event, depth: depth)
      entries.append(Node.Entry(key: key, value: try node(from: try events.next(), depth: depth)))
    }
  }
}
