import Exposition
import Support
import Testing

@Test(arguments: [
  ("up 1", "up", [:]),
  ("up\t1", "up", [:]),
  ("up \t 1 \t ", "up", [:]),
  ("up NaN", "up", [:]),
  ("up 1 1395066363000", "up", [:]),
  ("up 1\r", "up", [:]),
  ("_:a:9 -Inf", "_:a:9", [:]),
  ("up{} 1", "up", [:]),
  ("up{ } 1", "up", [:]),
  (#"x{a="b"} 1"#, "x", ["a": "b"]),
  (#"x{a="b",} 1"#, "x", ["a": "b"]),
  (#"x{a="b",c="d"} 1"#, "x", ["a": "b", "c": "d"]),
  ("x{\ta = \"b\" ,\tc=\t\"d\" , } 1", "x", ["a": "b", "c": "d"]),
  (#"x {a="b"} 1"#, "x", ["a": "b"]),
  (#"x{a="b"}1"#, "x", ["a": "b"]),
  (#"x{a=""} 1"#, "x", ["a": ""]),
  (#"x{a="}{,= #"} 1"#, "x", ["a": "}{,= #"]),
  (#"x{a="\\\"\n\\n"} 1"#, "x", ["a": "\\\"\n\\n"]),
  (#"x{a="Zürich 東京"} 1"#, "x", ["a": "Zürich 東京"]),
  (#"x_bucket{le="+Inf"} 8 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67"#, "x_bucket", ["le": "+Inf"]),
])
func readsASample(line: String, name: String, labels: [String: String]) {
  let sample = Sample(line: line.utf8)
  #expect(sample?.name == name)
  #expect(sample?.labels == labels)
}

@Test(
  arguments: [
    ("up 1", 1), ("up\t-1.5e+09 1395066363000", -1.5e9), ("up{a=\"b\"}0", 0), ("up +Inf", .infinity),
    ("up -Inf", -.infinity),
    ("up x", nil), ("up 1x", nil), ("up " + String(repeating: "1", count: 65), nil),
  ] as [(String, Double?)])
func readsTheValue(line: String, value: Double?) {
  #expect(Sample(line: line.utf8)?.value == value)
}

@Test func theValueMayBeNoNumber() {
  #expect(Sample(line: "up NaN".utf8)?.value?.isNaN == true)
}

@Test(arguments: [
  "", " ", "\t", "\r", "#", "# HELP up Whether it is.", "# TYPE up gauge", "#up 1",
  "up", "up ", "up \t ", "1up 1", "-up 1", "é 1", "up=1", "up} 1", "up-down 1",
  "x{", "x{ ", "x{a", "x{a=", #"x{a=""#, #"x{a="b"#, #"x{a="b\"#, #"x{a="b\""#, #"x{a="b""#, #"x{a="b","#,
  "x{}", #"x{a="b"}"#, #"x{a="b"} "#,
  "x{a=b} 1", "x{a='b'} 1", #"x{a "b"} 1"#, #"x{="b"} 1"#, #"x{1a="b"} 1"#, #"x{a:b="c"} 1"#,
  #"x{a="b" c="d"} 1"#, #"x{a="b",,c="d"} 1"#, "x{,} 1", #"x{a="b";c="d"} 1"#,
  #"x{a="\q"} 1"#, #"x{a="\t"} 1"#, #"x{a="1",a="2"} 1"#,
  #"{"x",a="b"} 1"#, #"{a="b"} 1"#, #"x{"a"="b"} 1"#,
])
func refusesWhatIsNoSample(line: String) {
  #expect(Sample(line: line.utf8) == nil)
}

@Test(arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80]] as [[UInt8]])
func refusesInvalidUTF8(bytes: [UInt8]) {
  #expect(Sample(line: Array(#"x{a=""#.utf8) + bytes + Array(#""} 1"#.utf8)) == nil)
  #expect(Sample(line: bytes + Array("x 1".utf8)) == nil)
}

@Test func whatIsWrittenIsRead() {
  var random = SplitMix(seed: 11)
  let letters = Array("ab\\\"\n {}=,#\té東🇨🇭\u{0}\u{202E}")
  for _ in 0..<2_000 {
    var labels: [String: String] = [:]
    for index in 0..<Int.random(in: 0...4, using: &random) {
      labels["l\(index)"] = String(
        (0..<Int.random(in: 0...9, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
    }
    let written = labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
    #expect(Sample(line: "x{\(written)} 1".utf8)?.labels == labels)
  }
}

/// As the text format writes a label's value.
private func escaped(_ value: String) -> String {
  value.reduce(into: "") { text, character in
    switch character {
    case "\\": text += #"\\"#
    case "\"": text += #"\""#
    case "\n": text += #"\n"#
    default: text.append(character)
    }
  }
}

@Test func survivesAnyBytes() {
  var random = SplitMix(seed: 12)
  let bytes = Array("ax_:{}=\",\\ \t#n1".utf8) + [0x00, 0x0D, 0x7F, 0x80, 0xC3, 0xFF]
  var samples = 0
  for _ in 0..<50_000 {
    let line = (0..<Int.random(in: 0...24, using: &random)).map { _ in bytes.randomElement(using: &random) ?? 0 }
    guard let sample = Sample(line: line) else { continue }
    samples += 1
    #expect(line.starts(with: sample.name.utf8))
    #expect(sample.name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == false)
  }
  #expect(samples > 100)
}

@Test(arguments: ["{", "\\", "\"", "x", " ", "x{a=\"", "x{a=\"\\", "x{a=\"b\","])
func survivesALineOfNothingElse(piece: String) {
  let line = String(repeating: piece, count: LineSplitter.maxLineLength / piece.utf8.count)
  #expect(Sample(line: line.utf8) == nil)
}
