extension Node {
  /// Parses one YAML or JSON document; nil if there is nothing in it but comments.
  ///
  /// Of YAML, what makes a document larger or other than it looks is refused: aliases, anchors, tags and
  /// directives. A document has at most `DocumentError.maxBytes` bytes and `DocumentError.maxDepth` levels.
  package static func parse(_ bytes: [UInt8]) throws(DocumentError) -> Node? {
    guard bytes.count <= DocumentError.maxBytes else { throw .tooLarge(count: bytes.count) }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: content.span)
    } catch {
      throw .notUTF8(Position(after: content.prefix(error.byteOffsets.lowerBound)))
    }
    try refuseDirectives(in: content)

    var composer = Composer(events: EventReader(content))
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
  var events: EventReader

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
    switch event.kind {
    case .sequenceStart: Node(.sequence(try items(of: event, depth: depth + 1)), at: event.position)
    case .mappingStart: Node(.mapping(try entries(of: event, depth: depth + 1)), at: event.position)
    case .scalar(let text, let isQuoted): Node(.scalar(text, isQuoted: isQuoted), at: event.position)
    default: throw .syntax(event.position, problem: "a value is missing", context: nil, began: nil)
    }
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
