import Documents
import Testing

private func parse(_ text: String) throws(DocumentError) -> Node? {
  try Node.parse(Array(text.utf8))
}

private func scalar(_ text: String, quoted: Bool = false, _ line: Int, _ column: Int) -> Node {
  Node(.scalar(text, isQuoted: quoted), at: Position(line: line, column: column))
}

@Test func tellsWhereEachPieceBegins() throws {
  let root = try parse(
    """
    # a comment
    scan_configs:
      - job_name: "né"
        ports: [9100, 9101]
    ä: ö
    """)
  let job = Node(
    .mapping([
      Node.Entry(key: scalar("job_name", 3, 5), value: scalar("né", quoted: true, 3, 15)),
      Node.Entry(
        key: scalar("ports", 4, 5),
        value: Node(
          .sequence([scalar("9100", 4, 13), scalar("9101", 4, 19)]), at: Position(line: 4, column: 12))),
    ]), at: Position(line: 3, column: 5))
  let jobs = Node(.sequence([job]), at: Position(line: 3, column: 3))
  #expect(
    root
      == Node(
        .mapping([
          Node.Entry(key: scalar("scan_configs", 2, 1), value: jobs),
          Node.Entry(key: scalar("ä", 5, 1), value: scalar("ö", 5, 4)),
        ]), at: Position(line: 2, column: 1)))
}

@Test func keepsEveryEntryOfAKeyThatStandsTwice() throws {
  let keys = try parse("a: 1\nb: 2\na: 3\n")?.entries?.map(\.key.position.line)
  #expect(keys == [1, 2, 3])
}

@Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "---\n...\n", "\u{FEFF}"])
func findsNothingIn(text: String) throws {
  #expect(try parse(text) == nil)
}

@Test(arguments: [
  ("", true), ("~", true), ("null", true), ("Null", true), ("NULL", true), ("nUll", false),
  ("\"\"", false), ("'null'", false), ("'~'", false), ("0", false), ("[]", false), ("{}", false),
])
func knowsNull(text: String, isNull: Bool) throws {
  let value = try #require(try parse("key: \(text)")?.entries?.first?.value)
  #expect(value.isNull == isNull)
  if isNull { #expect(value.text == nil) }
}

@Test(arguments: [
  (#"plain # comment"#, "plain", false), (#"'it''s'"#, "it's", true),
  (#""a\tb\"c\"\\ \u00e9\0""#, "a\tb\"c\"\\ é\0", true),
  ("|\n  a\n  b\n", "a\nb\n", true), (">-\n  a\n  b\n", "a b", true), ("1.50", "1.50", false),
  ("10.0.1-9.1-99", "10.0.1-9.1-99", false), ("fd00:1::7", "fd00:1::7", false),
])
func resolvesScalars(text: String, value: String, isQuoted: Bool) throws {
  let found = try parse("key: \(text)")?.entries?.first?.value
  #expect(found?.value == .scalar(value, isQuoted: isQuoted))
}

@Test func readsJSON() throws {
  let root = try parse(#"[{"targets":["10.0.0.1:9100","[fd00::1]:9100"],"labels":{"a\/b":"\u00e4","n":5}}]"#)
  let group = try #require(root?.items?.first?.entries)
  #expect(group.map(\.key.text) == ["targets", "labels"])
  #expect(group[0].value.items?.map(\.text) == ["10.0.0.1:9100", "[fd00::1]:9100"])
  #expect(group[1].value.entries?.map { [$0.key.text, $0.value.text] } == [["a/b", "ä"], ["n", "5"]])
}

@Test func readsJSONIndentedWithTabs() throws {
  let root = try parse("[\n\t{\n\t\t\"targets\": [\n\t\t\t\"10.0.0.1:9100\"\n\t\t]\n\t}\n]\n")
  #expect(root?.items?.first?.entries?.first?.value.items?.first?.text == "10.0.0.1:9100")
}

@Test func passesTheByteOrderMarkOver() throws {
  #expect(try parse("\u{FEFF}a: 1\nb: 2\n")?.entries?.map(\.key.position.column) == [1, 1])
}

@Test func takesAMergeKeyForAnyOther() throws {
  #expect(try parse("<<: {a: 1}")?.entries?.first?.key.text == "<<")
}

@Suite struct Aliases {
  private func parse(_ text: String) throws(DocumentError) -> Node? {
    try Node.parse(Array(text.utf8), allowingAliases: true)
  }

  @Test func standForWhatTheyRepeat() throws {
    let node = try #require(try parse("- labels: &id001 {env: prod}\n- labels: *id001\n"))
    let groups = try #require(node.items).map { $0.entries?.first?.value.entries?.first?.value.text }
    #expect(groups == ["prod", "prod"])
  }

  @Test func areRefusedBeforeTheirAnchor() {
    #expect(throws: DocumentError.unknownAnchor(Position(line: 1, column: 3))) { try parse("- *a\n- &a 1\n") }
  }

  @Test func cannotContainThemselves() {
    #expect(throws: DocumentError.unknownAnchor(Position(line: 1, column: 5))) { try parse("&a [*a]") }
  }

  @Test func cannotMultiplyWithoutEnd() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    // A level has ten times the nodes of the one before: the sixth is beyond a million.
    let error = #expect(throws: DocumentError.self) { try parse(text) }
    #expect(error?.position.line == 6)
    #expect(error.map { "\($0)" } == "aliases repeat more than 1000000 values")
  }
}
