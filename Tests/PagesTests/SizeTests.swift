import Addressing
import Testing

@testable import Pages

/// Pages of large networks.
@Suite struct SizeTests {
  private static let wording = Wording(duration: { _ in "30d23h" }, time: { _ in "2026-01-31T23:59:59Z" })

  private static func target(_ endpoint: Endpoint, _ number: Int) -> TargetView {
    TargetView(
      endpoint: endpoint, state: number.isMultiple(of: 50) ? .silent : .up, exporter: "node_exporter",
      version: "1.10.2",
      nodename: "node-\(number)", hostname: "node-\(number).dc1.example.net", firstSeen: .seconds(number),
      silentSince: number.isMultiple(of: 50) ? .seconds(9) : nil,
      reason: number.isMultiple(of: 50) ? "no answer within 300ms" : nil)
  }

  @Test func showsTenThousandTargetsOfASixteenInLessThan400KiB() throws {
    var job = try job("10.0.0.0/16")
    job.targets = (0..<10_000).map { number in
      Self.target(Endpoint(address: job.addresses[UInt128(number * 6)], port: 9100), number)
    }
    job.refused = (0..<1_000).map { refused("10.0.\($0 / 4).\($0 % 4 * 6 + 1)", reason: "answers as a printer does") }
    let page = Markup(
      StatusPage(Overview(version: "1", summary: "", jobs: [job], wording: Self.wording), PageQuery("")).html)
    #expect(page.faults == [])
    #expect(page.bytes < 400 << 10)
    #expect(page.with("data-prefix").count == 256)
  }

  @Test func showsSixteenFullMapsInLessThanAMebibyte() throws {
    var job = try job("10.10.16.0/20")
    job.targets = (0..<4_096).map { number in
      Self.target(Endpoint(address: job.addresses[UInt128(number)], port: 9100), number)
    }
    let page = Markup(
      StatusPage(Overview(version: "1", summary: "", jobs: [job], wording: Self.wording), PageQuery("")).html)
    #expect(page.faults == [])
    #expect(page.bytes < 1 << 20)
    #expect(page.with("data-endpoint").count == 4_096)
    #expect(page.with("data-endpoint").allSatisfy { $0.text.contains("node_exporter 1.10.2") })
  }

  @Test func putsMapsOnAPageOfTheirOwnWhereOneIsFull() throws {
    var first = try job("10.0.0.0/20", name: "first")
    first.targets = (0..<4_096).map { number in
      Self.target(Endpoint(address: first.addresses[UInt128(number)], port: 9100), number)
    }
    let overview = overview(first, try job("10.9.0.0/24", name: "second"))
    let both = page(overview)
    #expect(both.all("figure").count == 16)
    #expect(both.all("a").contains { $0.text == "its own page" && $0.attributes["href"] == "?job=second" })
    #expect(page(overview, "job=second").all("figure").count == 1)
  }
}
