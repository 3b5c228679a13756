import Testing

@testable import Pages

@Suite struct HTMLTests {
  @Test(arguments: [
    ("web-1", "web-1"),
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onmouseover=x", "&quot; onmouseover=x"),
    ("' onmouseover=x", "&#39; onmouseover=x"),
    ("&amp;", "&amp;amp;"),
    ("straße 日本", "straße 日本"),
    ("a\u{0}b\u{1B}[31m\u{7F}\u{85}", "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}\u{FFFD}"),
    ("a\nb\tc\r", "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
    // What turns the direction of writing, isolates it, joins, hides or breaks lines.
    ("a\u{202E}b\u{2066}c\u{200F}d\u{061C}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}"),
    ("a\u{200B}b\u{FEFF}c\u{2028}d\u{E0041}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}"),
    ("\u{E000}\u{FFFF}", "\u{FFFD}\u{FFFD}"),
  ])
  func escapes(text: String, written: String) {
    var html = HTML()
    html.text(text)
    #expect(String(decoding: html.bytes, as: UTF8.self) == written)
    html = HTML()
    html.attribute("title", text)
    #expect(String(decoding: html.bytes, as: UTF8.self) == " title=\"\(written)\"")
  }

  @Test(arguments: [
    ("abcd", "abcd"), ("abcde", "abcd…"), ("äöüß", "äöüß"), ("äöüß<", "äöüß…"), ("<>&\"'", "&lt;&gt;&amp;&quot;…"),
  ])
  func cutsLongText(text: String, written: String) {
    var html = HTML()
    html.text(text, limit: 4)
    #expect(String(decoding: html.bytes, as: UTF8.self) == written)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (65_536, "65,536"), (1_234_567, "1,234,567")])
  func groupsDigits(number: Int, written: String) {
    var html = HTML()
    html.number(number)
    #expect(String(decoding: html.bytes, as: UTF8.self) == written)
  }
}
