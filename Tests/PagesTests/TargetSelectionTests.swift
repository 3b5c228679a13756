import Addressing
import Testing

@testable import Pages

@Suite struct TargetSelectionTests {
  private static func fleet() throws -> Overview {
    var node = try job("10.0.0.0/16", "fd00::/120")
    node.targets = [
      target("10.0.0.10", version: "1.10.0", nodename: "web-10", known: 30),
      target(
        "[fd00::1]:9100", .silent, version: "1.9.0", nodename: "Straße-2", known: 5, silent: 9, reason: "no route"),
      target("10.0.0.9", version: "1.9.0", nodename: "Web-9", known: 20, duplicateOf: "10.0.0.10"),
      target("10.0.3.1", .held, nodename: "db", known: 10, silent: 40, reason: "connection refused"),
      target("10.0.0.10:9101"),
    ]
    node.targets[3].hostname = "db.example.net"
    var windows = try job("10.0.0.0/24", name: "windows")
    windows.targets = [
      target("10.0.0.10:9182", exporter: "windows_exporter", version: "0.25.1", nodename: "WIN", known: 7)
    ]
    return overview(windows, node)
  }

  private static func found(_ query: String) throws -> [String] {
    let selection = TargetSelection(of: try fleet(), PageQuery(query))
    return selection.rows[selection.range].map { selection.target(of: $0).endpoint.description }
  }

  @Test(arguments: [
    ("", 6), ("q=web", 2), ("q=WEB-1", 1), ("q=WINDOWS", 1), ("q=node", 5), ("q=stra%C3%9Fe", 1), ("q=STRASSE", 0),
    ("q=1.9", 2), ("q=no+route", 1), ("q=no++route", 1), ("q=refused", 1), ("q=held", 1), ("q=example.net", 1),
    ("q=duplicate", 1), ("q=nothing", 0), ("q=%20", 6), ("q=<script>", 0),
    // An address is that address, and no part of another one.
    ("q=10.0.0.1", 0), ("q=10.0.0.10", 3), ("q=10.0.0.10:9100", 1), ("q=10.0.0.1:9100", 0), ("q=10.0.0.1:91", 0),
    ("q=10.0.0.0/24", 4), ("q=10.0.", 5), ("q=fd00::1", 1), ("q=[fd00::1]:9100", 1), ("q=fd00::/64", 1), ("q=9182", 1),
    ("state=up", 4), ("state=silent", 1), ("state=held", 1), ("state=duplicate", 1), ("state=up&q=web", 2),
    ("job=windows", 1), ("job=node", 5), ("job=nobody", 0),
    ("prefix=10.0.3.0/24", 1), ("prefix=10.0.0.0/16", 5), ("prefix=fd00::/120", 1),
  ])
  func finds(query: String, count: Int) throws { #expect(try Self.found(query).count == count) }

  private static let nine = "10.0.0.9:9100"
  private static let ten = "10.0.0.10:9100"
  private static let ten1 = "10.0.0.10:9101"
  private static let ten82 = "10.0.0.10:9182"
  private static let held = "10.0.3.1:9100"
  private static let six = "[fd00::1]:9100"

  @Test(arguments: [
    ("", [nine, ten, ten1, ten82, held, six]),
    ("-target", [six, held, ten82, ten1, ten, nine]),
    ("job", [nine, ten, ten1, held, six, ten82]),
    ("-job", [ten82, nine, ten, ten1, held, six]),
    ("state", [six, held, ten, ten1, ten82, nine]),
    ("-state", [nine, ten, ten1, ten82, held, six]),
    ("exporter", [nine, ten, ten1, held, six, ten82]),
    // 1.9 is before 1.10; what has none is last either way.
    ("version", [ten82, nine, six, ten, ten1, held]),
    ("-version", [ten, nine, six, ten82, ten1, held]),
    ("name", [held, six, nine, ten, ten82, ten1]),
    ("-name", [ten82, ten, nine, six, held, ten1]),
    // What is known since an earlier time is before.
    ("known", [ten, nine, held, ten82, six, ten1]),
    ("-known", [ten1, six, ten82, held, nine, ten]),
    ("silent", [held, six, nine, ten, ten1, ten82]),
    ("-silent", [six, held, nine, ten, ten1, ten82]),
  ])
  func sorts(order: String, endpoints: [String]) throws { #expect(try Self.found("sort=\(order)") == endpoints) }

  @Test(arguments: [
    (0, 1, 1, 0..<0), (1, 1, 1, 0..<1), (250, 2, 1, 0..<250), (251, 1, 1, 0..<250), (251, 2, 2, 250..<251),
    (251, Int.max, 2, 250..<251), (1_000, 3, 3, 500..<750),
  ])
  func clampsPages(targets: Int, asked: Int, page: Int, range: Range<Int>) throws {
    var job = try job("10.0.0.0/16")
    job.targets = (0..<targets).map {
      TargetView(
        endpoint: Endpoint(address: job.addresses[UInt128($0)], port: 9100), state: .up, exporter: "e",
        firstSeen: .zero)
    }
    let selection = TargetSelection(of: overview(job), PageQuery("page=\(asked)"))
    #expect(selection.page == page)
    #expect(selection.range == range)
    #expect(selection.total == targets)
  }
}
