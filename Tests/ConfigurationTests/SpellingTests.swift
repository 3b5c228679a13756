import Testing

@testable import Configuration

@Test(arguments: [
  ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("ranges", "ranges", 0), ("range", "ranges", 1),
  ("rnages", "ranges", 1), ("excldue", "exclude", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("é", "e", 1),
])
func countsEdits(left: String, right: String, edits: Int) {
  #expect(Spelling.edits(from: left, to: right) == edits)
}

@Test(arguments: [
  ("scan_intervall", "scan_interval"), ("connect_timout", "connect_timeout"), ("timeout", nil), ("port", "ports"),
  ("label", "labels"), ("name", nil), ("Ranges", "ranges"), ("", nil), ("exporter", "exporters"),
  ("group-by", "group_by"), ("tls_conf", "tls_config"), ("shceme", "scheme"),
  (String(repeating: "ranges", count: 1000), nil),
])
func suggestsTheNearestKey(word: String, key: String?) {
  #expect(Spelling.nearest(to: word, among: Section.job.keys) == key)
}

@Test func suggestsTheFirstInTheAlphabetOfEquallyNearOnes() {
  #expect(Spelling.nearest(to: "ax", among: ["ac", "ab"]) == "ab")
}
