import Documents
import Support
import Testing

/// The sentence that refuses `bytes`, with its place.
private func refusal(of bytes: [UInt8]) -> String? {
  do throws(DocumentError) {
    _ = try Node.parse(bytes)
    return nil
  } catch {
    return "\(error.position.line):\(error.position.column): \(error)"
  }
}

@Test(arguments: [
  ("a: 1\nb: &x 2\n", "2:4: anchors ('&name') are not supported; write the value out"),
  ("a: &x [1]\n", "1:4: anchors ('&name') are not supported; write the value out"),
  ("a: &x {b: 1}\n", "1:4: anchors ('&name') are not supported; write the value out"),
  ("a: *x\n", "1:4: aliases ('*name') are not supported; write the value out"),
  ("a: !!str 5\n", "1:4: tags ('!name') are not supported; write the value alone"),
  ("a: ! 5\n", "1:4: tags ('!name') are not supported; write the value alone"),
  ("!x [1]\n", "1:1: tags ('!name') are not supported; write the value alone"),
  ("- !x {a: 1}\n", "1:3: tags ('!name') are not supported; write the value alone"),
  ("a: 1\n---\nb: 2\n", "2:1: a second document begins; only one is read"),
  ("---\n---\n", "2:1: a second document begins; only one is read"),
  ("%YAML 1.1\n---\na: 1\n", "1:1: a line may not begin with '%'; directives are not supported"),
  ("a: 1\n...\n%TAG !a! b\n", "3:1: a line may not begin with '%'; directives are not supported"),
  ("a: 1\r%", "2:1: a line may not begin with '%'; directives are not supported"),
  ("a: 1\u{2028}%", "2:1: a line may not begin with '%'; directives are not supported"),
])
func refusesWhatIsNotSupported(text: String, message: String) {
  #expect(refusal(of: Array(text.utf8)) == message)
}

@Test(arguments: [
  (
    "a: [1, 2\n",
    "2:1: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence that began at 1:4"
  ),
  (
    "a: b: c\n",
    "1:5: not valid YAML: mapping values are not allowed in this context"
  ),
  (
    "a: 1\n b: 2\n",
    "2:3: not valid YAML: mapping values are not allowed in this context"
  ),
  (
    "a:\n\t- 1\n",
    "2:1: not valid YAML: found character that cannot start any token while scanning for the next token; indent with spaces, not tabs, and quote what begins with '@', '`' or '%'"
  ),
  (
    "a: \"b\n",
    "2:1: not valid YAML: found unexpected end of stream while scanning a quoted scalar that began at 1:4"
  ),
  (
    "{a: 1} x\n",
    "1:8: not valid YAML: did not find expected <document start>"
  ),
  (
    "a: 1\nb\n",
    "3:1: not valid YAML: could not find expected ':' while scanning a simple key that began at 2:1"
  ),
  (
    "- 1\na: 2\n",
    "2:1: not valid YAML: did not find expected '-' indicator while parsing a block collection that began at 1:1"
  ),
  (
    "a: @x\n",
    "1:4: not valid YAML: found character that cannot start any token while scanning for the next token; indent with spaces, not tabs, and quote what begins with '@', '`' or '%'"
  ),
  (
    "a: \"\\ud83d\\ude00\"\n",
    "1:7: not valid YAML: found invalid Unicode character escape code while parsing a quoted scalar that began at 1:4"
  ),
  (
    "a: b\u{7}\n",
    "1:5: not valid YAML: control characters are not allowed"
  ),
  (
    "é: b\r\nc: \0\n",
    "2:4: not valid YAML: control characters are not allowed"
  ),
])
func saysWhatIsNoYAML(text: String, message: String) {
  #expect(refusal(of: Array(text.utf8)) == message)
}

@Test(
  arguments: [
    ([0x61, 0xFF], "1:2: not valid UTF-8"),
    ([0x61, 0x3A, 0x20, 0x31, 0x0D, 0x0A, 0xC3, 0xA9, 0xC3], "2:2: not valid UTF-8"),
    ([0xEF, 0xBB, 0xBF, 0x61, 0xED, 0xA0, 0x80], "1:2: not valid UTF-8"),
    ([0xFF, 0xFE, 0x61, 0x00], "1:1: not valid UTF-8"),
  ] as [([UInt8], String)])
func refusesWhatIsNotUTF8(bytes: [UInt8], message: String) {
  #expect(refusal(of: bytes) == message)
}

@Test func boundsTheDepth() throws {
  let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
  #expect(try Node.parse(Array(deepest.utf8)) != nil)
  #expect(
    refusal(of: Array("a: \(deepest)".utf8))
      == "1:67: more than 64 lists and mappings inside one another")
  #expect(
    refusal(of: Array(repeating: UInt8(ascii: "["), count: 8 << 20))
      == "1:65: more than 64 lists and mappings inside one another")
  #expect(
    refusal(of: Array(String(repeating: "- ", count: 4 << 20).utf8))
      == "1:129: more than 64 lists and mappings inside one another")
}

@Test func boundsTheSize() throws {
  let bytes = [UInt8(ascii: "#")] + [UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)
  #expect(try Node.parse(Array(bytes.dropLast())) == nil)
  #expect(refusal(of: bytes) == "1:1: 8388609 bytes are more than the 8388608 that are read")
}

@Test func survivesBytesAtRandom() {
  var generator = SplitMix(seed: 7)
  let pieces = [
    "a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "\"", "'", "#", "|", ">", "&", "*", "!", "%", "?",
    "é", "\0",
  ]
  var refused = 0
  for _ in 0..<5_000 {
    let text = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
      pieces.randomElement(using: &generator) ?? ""
    }
    if refusal(of: Array(text.joined().utf8)) != nil { refused += 1 }
  }
  #expect((1_000..<5_000).contains(refused))
}
