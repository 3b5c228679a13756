import Addressing
import Testing

@testable import Pages

@Suite struct StatusPageTests {
  private static func everything() throws -> Overview {
    var node = try job("10.0.1.1-10.0.1.99")
    node.lastScan = LastScan(
      isComplete: false, sentence: "ran out of descriptors", endedAgo: .seconds(71), duration: .seconds(72))
    node.progress = ScanProgress(done: 1_000, total: 4_000, elapsed: .seconds(10))
    node.holds = [HoldView(sentence: "9 of 10 are silent", since: .seconds(73), release: "subnet-sd release node")]
    node.faults = ["its target file cannot be replaced"]
    node.targets = [
      target("10.0.1.1", version: "1.9.1", nodename: "web", known: 61),
      target("10.0.1.2", .silent, silent: 62, reason: "timed out"), target("10.0.1.3", .held, silent: 63),
      target("10.0.1.4", duplicateOf: "10.0.1.1"),
    ]
    node.targets[0].hostname = "www.example.net"
    node.targets[1].leavesIn = .seconds(64)
    node.targets[3].isListed = false
    node.refused = [refused("10.0.1.9"), refused("10.0.1.10", "other_exporter", reason: "is mysqld_exporter")]
    node.refused[0].since = .seconds(65)
    node.refused[0].askedAgainIn = .seconds(66)
    node.moreRefused = 5
    return overview(node, try job("fd00::/64", name: "core"), summary: "4 targets", faults: ["the disk is full"])
  }

  @Test(arguments: [
    "subnet-sd 1.2.3", "4 targets", "the disk is full", "Needs attention",
    "job node: its target file cannot be replaced",
    "job node: 9 of 10 are silent", "since T-73 (73s)", "subnet-sd release node", "2 up", "1 silent", "1 held",
    "1 duplicate", "7 refused (1 other exporter, 1 printer, and others)", "99 addresses, every 60s",
    "incomplete: ran out of descriptors; ended 71s ago, took 72s", "1,000 of 4,000 endpoints 25 %, 100 a second",
    "about 30s left", "18,446,744,073,709,551,616 addresses", "none yet", "in 42s", "10.0.1.0/24", "fd00::/64",
    "10.0.1.1:9100web", "www.example.net", "node_exporter 1.9.1", "up, known since T-61 (61s)",
    "silent since T-62 (62s)", "timed out; leaves in 64s", "held, silent since T-63 (63s)",
    "same process as 10.0.1.1:9100; not listed", "4 of 4 targets", "refused: printer", "it prints",
    "left alone since T-65 (65s)", "asked again in 66s", "is mysqld_exporter", "asked again at each scan", "And 5 more",
  ])
  func shows(text: String) throws {
    #expect(page(try Self.everything()).text.contains(text))
  }

  @Test(arguments: [
    "", "q=web&job=node&state=up&sort=-name&page=9&prefix=10.0.1.0/24&refresh=10", "prefix=fd00::/72",
    "q=%3Cscript%3E%22%27%26&job=%3C&sort=known", "job=core",
  ])
  func isWellFormed(query: String) throws {
    #expect(page(try Self.everything(), query).faults == [])
    #expect(page(overview(), query).faults == [])
    #expect(page(overview(try job()), query).faults == [])
  }

  @Test func needsNothingElseAndRunsNothing() throws {
    let page = page(try Self.everything())
    #expect(page.all("script").isEmpty && page.all("img").isEmpty)
    #expect(page.all("link").map(\.attributes) == [["rel": "icon", "href": "data:,"]])
    #expect(page.elements.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") && $0 != "src" } })
    #expect(page.all("html").map(\.attributes) == [["lang": "en"]])
    #expect(
      Set(["/metrics", "/sd", "/api/v1/targets", "/-/healthy"]).isSubset(
        of: page.all("a").compactMap { $0.attributes["href"] }))
  }

  @Test func saysNothingOfAttentionWhereNoneIsNeeded() throws {
    #expect(!page(overview(try job("10.0.0.0/24"))).text.contains("Needs attention"))
  }

  @Test(arguments: [(42, "in 42s"), (0, "due now"), (-9, "due now")])
  func saysWhenTheNextScanIs(seconds: Int, text: String) throws {
    var job = try job("10.0.0.0/24")
    job.nextScan = .seconds(seconds)
    #expect(page(overview(job)).text.contains("Next scan\(text)"))
  }

  @Test(arguments: [(UInt64(0), UInt64(0)), (0, 9), (10, 9), (.max, .max), (1, .max)])
  func bearsAnyProgress(done: UInt64, total: UInt64) throws {
    var job = try job("10.0.0.0/24")
    for elapsed in [Duration.zero, .nanoseconds(1), .seconds(1_000_000_000)] {
      job.progress = ScanProgress(done: done, total: total, elapsed: elapsed)
      #expect(page(overview(job)).faults == [])
    }
  }

  @Test func reloadsOnlyWhereAsked() throws {
    let plain = page(overview(), "q=x")
    #expect(plain.with("http-equiv").isEmpty)
    #expect(plain.all("a").contains { $0.attributes["href"] == "?q=x&refresh=10" })
    let reloading = page(overview(), "q=x&refresh=30")
    #expect(reloading.with("http-equiv").map { $0.attributes["content"] } == ["30"])
    #expect(reloading.all("a").contains { $0.text == "stop" && $0.attributes["href"] == "?q=x" })
  }

  @Test func keepsWhatIsAskedWhenItIsSearched() throws {
    let page = page(try Self.everything(), "q=%22x&job=node&state=held&sort=-name&page=2&prefix=10.0.1.0/24&refresh=9")
    let hidden = page.all("input").filter { $0.attributes["type"] == "hidden" }
    #expect(hidden.map { $0.attributes["name"] } == ["sort", "prefix", "refresh"])
    #expect(hidden.map { $0.attributes["value"] } == ["-name", "10.0.1.0/24", "9"])
    #expect(page.all("input")[0].attributes["value"] == "\"x")
    #expect(page.with("selected").map(\.text) == ["held", "node"])
    let heads = Markup(StatusPage(try Self.everything(), PageQuery("sort=-name")).html).with("aria-sort")
    #expect(heads.map { [$0.text, $0.attributes["aria-sort"]] } == [["Name", "descending"]])
  }

  @Test func saysWhereNothingMatches() throws {
    let page = page(try Self.everything(), "q=nobody")
    #expect(page.text.contains("No target matches: 0 of 4 targets, search “nobody”"))
    #expect(page.text.contains("Nothing that is refused matches"))
    #expect(page.all("table").isEmpty)
  }

  @Test func linksPages() throws {
    var job = try job("10.0.0.0/16")
    job.targets = (0..<1_000).map { target("10.0.\($0 / 250).\($0 % 250)") }
    let first = page(overview(job), "sort=name")
    #expect(first.text.contains("1,000 of 1,000 targets, shown are 1 to 250"))
    #expect(
      first.all("a").filter { $0.text.hasPrefix("Next") }.map { $0.attributes["href"] } == ["?sort=name&page=2#targets"]
    )
    #expect(!first.all("a").contains { $0.text.hasPrefix("Previous") })
    let last = page(overview(job), "page=99")
    #expect(last.text.contains("Page 4 of 4"))
    #expect(last.all("a").contains { $0.text == "Previous (3)" && $0.attributes["href"] == "?page=3#targets" })
    #expect(!last.all("a").contains { $0.text.hasPrefix("Last") })
  }

  @Test func tellsOfTwoHundredRefusedAndCountsTheRest() throws {
    var job = try job("10.0.0.0/16")
    job.refused = (0..<300).map { refused("10.0.\($0 / 250).\($0 % 250)") }
    job.moreRefused = 7
    let page = page(overview(job))
    #expect(page.all("tr").count == 201)
    #expect(page.text.contains("And 107 more"))
  }
}
