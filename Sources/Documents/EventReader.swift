internal import CYAML

/// A piece of a document as libyaml hands it out; it owns nothing of libyaml's.
struct Event {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String, isQuoted: Bool)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case alias(String)
  }

  var kind: Kind
  /// The name by which aliases may repeat what begins here.
  var anchor: String?
  var position: Position
}

/// Turns bytes into events with libyaml, and refuses what a document of ours never has.
///
/// It owns the parser and the bytes that this reads, and releases both.
@safe struct EventReader: ~Copyable {
  // On the heap, because the parser keeps a pointer to itself.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// `bytes` are valid UTF-8 without a byte order mark.
  init(_ bytes: some Collection<UInt8>) {
    unsafe input = .allocate(capacity: bytes.count)
    _ = unsafe input.initialize(fromContentsOf: bytes)
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    // Fails only without memory, and then leaves a parser whose first event is none.
    guard unsafe yaml_parser_initialize(parser) == 1 else { return }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  /// The next event; asking beyond the end of the stream is an error.
  mutating func next() throws(DocumentError) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { unsafe yaml_event_delete(&event) }
    let position = unsafe Position(event.start_mark)
    return unsafe Event(kind: try kind(of: event, at: position), anchor: anchor(of: event), position: position)
  }

  private func kind(of event: yaml_event_t, at position: Position) throws(DocumentError) -> Event.Kind {
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT: return unsafe .alias(text(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      guard unsafe event.data.sequence_start.tag == nil else { throw .tag(position) }
      return .sequenceStart
    case YAML_MAPPING_START_EVENT:
      guard unsafe event.data.mapping_start.tag == nil else { throw .tag(position) }
      return .mappingStart
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      guard unsafe scalar.tag == nil else { throw .tag(position) }
      let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return unsafe .scalar(
        String(decoding: text, as: UTF8.self), isQuoted: scalar.style != YAML_PLAIN_SCALAR_STYLE)
    // What libyaml gives when it has failed before, be it for want of memory at the very start.
    default: throw .syntax(position, problem: "nothing can be read", context: nil, began: nil)
    }
  }

  private func anchor(of event: yaml_event_t) -> String? {
    switch unsafe event.type {
    case YAML_SEQUENCE_START_EVENT: unsafe text(event.data.sequence_start.anchor)
    case YAML_MAPPING_START_EVENT: unsafe text(event.data.mapping_start.anchor)
    case YAML_SCALAR_EVENT: unsafe text(event.data.scalar.anchor)
    default: nil
    }
  }

  private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }

  private func failure() -> DocumentError {
    let state = unsafe parser.pointee
    let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "out of memory"
    // The reader, which is ahead of the parser, knows an offset into the bytes instead of a place.
    if unsafe state.error == YAML_READER_ERROR {
      let offset = unsafe min(state.problem_offset, input.count)
      let position = unsafe Position(after: input[..<offset])
      return .syntax(position, problem: problem, context: nil, began: nil)
    }
    let position = unsafe Position(state.problem_mark)
    let context = unsafe state.context.map { unsafe String(cString: $0) }
    let began = unsafe Position(state.context_mark)
    let isElsewhere = context != nil && began != position
    return .syntax(position, problem: problem, context: context, began: isElsewhere ? began : nil)
  }
}

extension Position {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}
