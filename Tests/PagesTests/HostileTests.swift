import Addressing
import Testing

@testable import Pages

/// What comes from the network, and in the query, stays text and stays small.
@Suite struct HostileTests {
  @Test(arguments: [
    "<script>alert(1)</script>", "\" onmouseover=x", "' onmouseover='x", "&amp;&#60;", "</style><script>", "--><b>",
    "javascript:alert(1)", "]]><svg onload=x>",
  ])
  func staysText(name: String) throws {
    var hostile = try job("10.0.0.0/24", name: name)
    hostile.lastScan = LastScan(isComplete: false, sentence: name, endedAgo: .zero, duration: .zero)
    hostile.holds = [HoldView(sentence: name, since: .zero, release: name)]
    hostile.faults = [name]
    hostile.targets = [target("10.0.0.1", exporter: name, version: name, nodename: name, reason: name)]
    hostile.targets[0].hostname = name + "x"
    hostile.targets.append(
      TargetView(
        endpoint: endpoint("10.0.0.2"), state: .up, exporter: "e", scheme: name, metricsPath: "/" + name,
        firstSeen: .zero))
    hostile.targets.append(
      TargetView(
        endpoint: endpoint("10.0.0.3"), state: .up, exporter: "e", metricsPath: "/" + name, firstSeen: .zero))
    hostile.refused = [refused("10.0.0.4", name, reason: name)]
    var query = PageQuery("")
    query.text = name
    for query in [query, query.with { $0.text = "" }, query.with { $0.job = name }] {
      let page = page(
        overview(hostile, try job("10.9.0.0/24", name: "other"), summary: name, faults: [name]),
        String(query.reference.dropFirst()))
      #expect(page.faults == [])
      #expect(page.text.contains(name))
      #expect(page.all("script").isEmpty && page.all("svg").isEmpty)
      #expect(page.elements.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
      let schemes = page.with("href").compactMap { $0.attributes["href"] }.filter {
        $0.contains("script:") && !$0.hasPrefix("?")
      }
      #expect(schemes.allSatisfy { $0.hasPrefix("http://") })
    }
  }

  @Test func turnsNoWritingAround() throws {
    var job = try job("10.0.0.0/24")
    job.targets = [target("10.0.0.1", nodename: "gpj\u{202E}exe.\u{0}")]
    let page = page(overview(job), "q=%E2%80%AE")
    #expect(!page.text.unicodeScalars.contains { ["\u{202E}", "\u{0}"].contains($0) })
    #expect(page.text.contains("search “\u{FFFD}”"))
  }

  @Test func cutsLongNames() throws {
    var job = try job("10.0.0.0/20")
    let long = String(repeating: "long", count: 300)
    job.targets = (0..<4_096).map { number in
      var target = target(
        "10.0.\(number / 256).\(number % 256)", .silent, exporter: long, version: long, nodename: long, silent: 1,
        reason: long)
      target.hostname = "x" + long
      target.metricsPath = "/" + long
      return target
    }
    job.refused = job.targets.map { RefusedView(endpoint: $0.endpoint, verdict: long, reason: long) }
    #expect(StatusPage(overview(job), PageQuery("")).html.count < 3 << 20)
  }
}
