/// Cuts a stream of bytes into lines, holding no more than one unfinished line of bounded length.
package struct LineSplitter: Sendable {
  /// A longer line is skipped whole; no line that identifies an exporter comes near it.
  package static let maxLineLength = 8_192

  private var unfinished: [UInt8] = []
  private var isSkipping = false

  package init() {}

  /// Takes the next bytes and hands over each line they complete, without its line feed; stops early once `body`
  /// returns false.
  package mutating func feed(_ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Bool) {
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      extend(with: rest[..<end])
      rest = rest[(end + 1)...]
      let isWhole = !isSkipping
      isSkipping = false
      defer { unfinished.removeAll(keepingCapacity: true) }
      if isWhole, !body(unfinished[...]) { return }
    }
    extend(with: rest)
  }

  private mutating func extend(with bytes: ArraySlice<UInt8>) {
    isSkipping = isSkipping || unfinished.count + bytes.count > Self.maxLineLength
    if !isSkipping { unfinished += bytes }
  }

  /// Hands over a last line that no line feed ended.
  package mutating func finish(_ body: (ArraySlice<UInt8>) -> Bool) {
    guard !isSkipping, !unfinished.isEmpty else { return }
    _ = body(unfinished[...])
    unfinished = []
  }
}
