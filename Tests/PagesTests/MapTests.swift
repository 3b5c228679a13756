import Addressing
import Testing

@testable import Pages

/// The maps as the page has them.
@Suite struct MapTests {
  private static func cells(_ job: JobView, _ query: String = "") -> [Markup.Element] {
    page(overview(job), query).with("data-endpoint")
  }

  @Test(arguments: [
    (["10.0.0.7"], [], "up"),
    (["10.0.0.7 silent"], [], "silent"),
    (["10.0.0.7 held"], [], "held"),
    (["10.0.0.7 up of"], [], "duplicate"),
    (["10.0.0.7 silent of"], [], "silent"),
    ([], ["10.0.0.7"], "refused"),
    (["10.0.0.7", "10.0.0.7:1 held", "10.0.0.7:2 silent"], ["10.0.0.7:3"], "silent"),
    (["10.0.0.7", "10.0.0.7:1 held"], ["10.0.0.7:3"], "held"),
    (["10.0.0.7 up of", "10.0.0.7:1"], ["10.0.0.7:3"], "up"),
    (["10.0.0.7 up of"], ["10.0.0.7:3"], "duplicate"),
  ])
  func showsWhatMattersMost(targets: [String], others: [String], state: String) throws {
    var job = try job("10.0.0.0/24")
    job.targets = targets.map { text in
      let words = text.split(separator: " ").map(String.init)
      let state = words.count > 1 ? TargetView.State(rawValue: words[1]) : nil
      return target(words[0], state ?? .up, duplicateOf: words.count > 2 ? "10.0.0.1" : nil)
    }
    job.refused = others.map { refused($0) }
    let cells = Self.cells(job)
    #expect(cells.map { $0.attributes["data-state"] } == [state])
    for text in targets + others {
      let endpoint = endpoint(text.split(separator: " ").map(String.init)[0])
      #expect(cells[0].text.contains(endpoint.description), "the card does not tell of \(endpoint)")
    }
  }

  @Test func hasALinkForEachTargetAndATitleForEachOtherAddress() throws {
    var job = try job("10.0.1-9.1-99")
    job.targets = (1...9).map { target("10.0.\($0).\($0 * 7)") }
    let page = page(overview(job))
    let cells = page.with("data-endpoint")
    #expect(cells.compactMap { $0.attributes["data-endpoint"] } == job.targets.map(\.endpoint.description))
    #expect(cells[0].attributes["href"] == "?q=10.0.1.7#targets")
    #expect(cells.allSatisfy { $0.name == "a" })
    let rest = page.with("data-address")
    #expect(rest.count == 891 - 9)
    #expect(rest.allSatisfy { $0.attributes["title"] == $0.attributes["data-address"] })
    #expect(page.all("figure").count == 9)
  }

  @Test func leadsFromABlockToItsMapAndBack() throws {
    var job = try job("10.0.0.0/16", "10.1.0.0/16")
    job.targets = [target("10.0.3.5"), target("10.0.3.6", .silent), target("10.1.9.1")]
    let top = page(overview(job)).all("a").filter { $0.attributes["data-prefix"] != nil }
    #expect(top.map { $0.attributes["data-prefix"] } == ["10.0.3.0/24", "10.1.9.0/24"])
    #expect(top.map { $0.attributes["data-state"] } == ["silent", "up"])
    #expect(top[0].attributes["href"] == "?prefix=10.0.3.0/24#job-1")
    #expect(top[0].text.contains("1 up, 1 silentof 256 addresses"))
    let map = page(overview(job), "prefix=10.0.3.0/24")
    #expect(
      map.with("data-endpoint").map { $0.attributes["href"] }
        == ["5", "6"].map { "?q=10.0.3.\($0)&prefix=10.0.3.0/24#targets" })
    #expect(map.text.contains("2 of 3 targets, in 10.0.3.0/24"))
    let links = map.all("a").map { [$0.text, $0.attributes["href"]] }
    #expect(links.contains(["All maps of node", "?#job-1"]))
    #expect(links.contains(["10.0.0.0/16", "?prefix=10.0.0.0/16#job-1"]))
  }

  @Test func ignoresAPrefixThatNoJobScans() throws {
    let job = try job("10.0.0.0/24")
    #expect(page(overview(job), "prefix=10.0.9.0/24").text == page(overview(job)).text)
  }

  @Test func growsABlockWithItsShareOfTargets() throws {
    var job = try job("10.0.0.0/16")
    job.targets =
      (0..<256).map { target("10.0.1.\($0)") } + (0..<64).map { target("10.0.2.\($0)") } + [target("10.0.3.1")]
    let blocks = page(overview(job)).with("data-state").map { $0.attributes["style"] }
    #expect(blocks == ["--d:1", "--d:.50", "--d:.40"])
  }

  @Test func namesTheJobWhereThereAreSeveral() throws {
    var first = try job("10.0.0.0/16", name: "a&b")
    first.targets = [target("10.0.3.5")]
    let page = page(overview(first, try job("10.1.0.0/24", name: "other")))
    #expect(page.with("data-state").map { $0.attributes["href"] } == ["?job=a%26b&prefix=10.0.3.0/24#job-1"])
  }

  @Test func marksOneAddressOfIPv6() throws {
    var job = try job("fd00:1::/120")
    job.targets = [target("[fd00:1::25]:9100")]
    let cells = Self.cells(job)
    #expect(cells.map { $0.attributes["href"] } == ["?q=fd00:1::25#targets"])
    #expect(page(overview(job)).all("b").contains { $0.text == "20" })
  }

  @Test func tellsOfFourEndpointsAndCountsTheRest() throws {
    var job = try job("10.0.0.0/24")
    job.targets = (1...6).map { target("10.0.0.7:\($0)") }
    #expect(Self.cells(job)[0].text.contains("and 2 more"))
  }
}
