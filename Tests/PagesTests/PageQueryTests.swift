import Addressing
import Support
import Testing

@testable import Pages

@Suite struct PageQueryTests {
  @Test(arguments: [
    "", "nonsense", "&&&=&=x&%", "q=", "job=", "state=", "state=upside", "state=refused", "sort=", "sort=-",
    "sort=colour", "sort=--name", "page=", "page=0", "page=-3", "page=1e3", "page=x", "prefix=", "prefix=10.0.0",
    "prefix=10.0.0.0/", "prefix=10.0.0.0/33", "prefix=10.0.0.0/-1", "prefix=10.0.0.0/8/8", "prefix=/8",
    "prefix=fd00::/129", "refresh=", "refresh=4", "refresh=3601", "refresh=-5", "refresh=ten", "unknown=1",
    "refresh=99999999999999999999", "prefix=10.0.0.0/99999999999999999999",
  ])
  func ignoresNonsense(query: String) { #expect(PageQuery(query) == PageQuery("")) }

  @Test func readsAllThatItKnows() throws {
    let query = PageQuery("q=a+b%2Bc&job=n%20o&state=held&sort=-version&page=7&prefix=10.0.3.0/24&refresh=10")
    #expect(query.text == "a b+c")
    #expect(query.job == "n o")
    #expect(query.state == .held)
    #expect(query.order == TargetOrder(.version, isDescending: true))
    #expect(query.page == 7)
    #expect(query.prefix == Prefix(text: "10.0.3.0/24"))
    #expect(query.refresh == 10)
  }

  @Test(arguments: [
    ("q=a%2", "a%2"), ("q=%zz", "%zz"), ("q=100%", "100%"), ("q=%FF", "\u{FFFD}"), ("q=%e2%80%ae", "\u{202E}"),
    ("q=a=b", "a=b"), ("q=one&q=two", "one"), ("%71=x", "x"), ("q=%26job%3Dx", "&job=x"),
  ])
  func decodes(query: String, text: String) { #expect(PageQuery(query).text == text) }

  @Test(arguments: [
    ("10.0.3.0/24", "10.0.3.0/24"), ("10.0.3.7", "10.0.3.0/24"), ("10.0.3.7/32", "10.0.3.0/24"),
    ("10.0.3.7/23", "10.0.0.0/16"), ("10.9.9.9/7", "0.0.0.0/0"), ("0.0.0.0/0", "0.0.0.0/0"),
    ("fd00::1:2", "fd00::1:0/120"), ("fd00:1::/64", "fd00:1::/64"), ("fd00:1::/63", "fd00:1::/56"),
  ])
  func roundsAPrefixToTheMapThatHoldsIt(text: String, map: String) {
    #expect(PageQuery("prefix=\(text)").prefix?.description == map)
  }

  @Test func takesAPageOfTooManyDigitsForTheLast() {
    #expect(PageQuery("page=99999999999999999999").page == .max)
  }

  @Test func cutsALongSearch() {
    #expect(PageQuery("q=" + String(repeating: "ä", count: 4_000)).text.count == PageQuery.longestText)
  }

  @Test func refersToItself() {
    var random = SplitMix(seed: 1)
    let texts = ["", "web", "a b", "<&>\"'", "ä%=+#/?", "\u{202E}"]
    for _ in 0..<500 {
      var query = PageQuery("")
      query.text = texts.randomElement(using: &random) ?? ""
      query.job = texts.randomElement(using: &random).flatMap { $0.isEmpty ? nil : $0 }
      query.state = StateFilter.allCases.randomElement(using: &random)
      query.order = TargetOrder(
        TargetOrder.Column.allCases.randomElement(using: &random) ?? .name, isDescending: .random(using: &random))
      query.page = .random(in: 1...9, using: &random)
      query.prefix = Prefix(containing: .v4(.random(in: 0 ... .max, using: &random)), length: 32).ofMap
      query.refresh = [nil, 5, 3_600].randomElement(using: &random) ?? nil
      #expect(PageQuery(query.reference.dropFirst()) == query)
      #expect(query.reference.utf8.allSatisfy { (0x21..<0x7F).contains($0) && !"<>\"'#".utf8.contains($0) })
    }
  }

  @Test func refersToAPageWithoutAQueryWhereNothingIsAsked() {
    #expect(PageQuery("").reference == "?")
    #expect(PageQuery("page=2&q=x").with { $0.page = 1 }.reference == "?q=x")
  }
}
