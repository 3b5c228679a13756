import Exposition
import Support
import Testing

private let longest = LineSplitter.maxLineLength

/// The lines that come out when `text` goes in as `pieces`, the last one without a line feed among them.
private func lines(of pieces: [ArraySlice<UInt8>]) -> [[UInt8]] {
  var splitter = LineSplitter()
  var lines: [[UInt8]] = []
  for piece in pieces {
    splitter.feed(piece) {
      lines.append(Array($0))
      return true
    }
  }
  splitter.finish {
    lines.append(Array($0))
    return true
  }
  return lines
}

/// What should come out: all but lines that are too long, and no empty one at the end.
private func expected(of text: [UInt8]) -> [[UInt8]] {
  var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
  if lines.last == [] { lines.removeLast() }
  return lines.filter { $0.count <= longest }
}

@Test(arguments: ["", "a", "a\n", "\n", "\n\n", "a\nb", "\na\n\nbc\n", "a\r\nb\r\n", "\u{0}\n\u{0}"])
func everyChunkingOfATextGivesTheSameLines(text: String) {
  let bytes = Array(text.utf8)
  // Each of the 2^(n-1) ways to cut n bytes.
  for cuts in 0..<(1 << max(0, bytes.count - 1)) {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    for index in bytes.indices where index == bytes.count - 1 || cuts >> index & 1 == 1 {
      pieces.append(bytes[start...index])
      start = index + 1
    }
    #expect(lines(of: pieces) == expected(of: bytes))
  }
}

@Test(arguments: 1...20 as ClosedRange<UInt64>)
func anyChunkingOfALongTextGivesTheSameLines(seed: UInt64) {
  var random = SplitMix(seed: seed)
  var text: [UInt8] = []
  for _ in 0..<40 {
    let length = [0, 1, 80, longest - 1, longest, longest + 1, 3 * longest].randomElement(using: &random) ?? 0
    text += Array(repeating: UInt8(ascii: "x"), count: length) + [UInt8(ascii: "\n")]
  }
  text += Array("end".utf8)
  var pieces: [ArraySlice<UInt8>] = []
  var rest = text[...]
  while !rest.isEmpty {
    let piece = rest.prefix(Int.random(in: 0...2 * longest, using: &random))
    pieces.append(piece)
    rest = rest.dropFirst(piece.count)
  }
  #expect(lines(of: pieces) == expected(of: text))
}

@Test(arguments: [(0, true), (1, false)])
func aLineOfTheGreatestLengthIsTheLongest(beyond: Int, isKept: Bool) {
  let line = Array(repeating: UInt8(ascii: "x"), count: longest + beyond)
  #expect(lines(of: [line[...]]) == (isKept ? [line] : []))
  #expect(lines(of: [line[...], [UInt8(ascii: "\n")], [UInt8(ascii: "a")]]).count == (isKept ? 2 : 1))
}

@Test func holdsNoMoreThanOneLine() throws {
  var splitter = LineSplitter()
  for _ in 0..<1_000 {
    splitter.feed(Array(repeating: UInt8(ascii: "x"), count: 10_000)[...]) { _ in true }
    let held = try #require(Mirror(reflecting: splitter).descendant("unfinished") as? [UInt8])
    #expect(held.count <= longest + 1)
  }
}

@Test func stopsWhenToldTo() {
  var splitter = LineSplitter()
  var taken: [String] = []
  splitter.feed(Array("a\nb\nc\n".utf8)[...]) {
    taken.append(String(decoding: $0, as: UTF8.self))
    return taken.count < 2
  }
  #expect(taken == ["a", "b"])
}

@Test func finishesOnce() {
  var splitter = LineSplitter()
  splitter.feed(Array("a".utf8)[...]) { _ in true }
  var count = 0
  for _ in 0..<2 {
    splitter.finish { _ in
      count += 1
      return true
    }
  }
  #expect(count == 1)
}
