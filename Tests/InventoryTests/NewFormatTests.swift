import Addressing
import Exporters
import Testing

@testable import Inventory

private let nine = WallTime(milliseconds: 1_795_510_800_000)

private func moment(_ seconds: Int) -> Moment {
  Moment(instant: at(seconds), wall: WallTime(milliseconds: nine.milliseconds + Int64(seconds) * 1_000))
}

private let hostileTexts = [
  "", "\t", "\n", "\\", "\\N", "a\tb\nc\\d", "é東🇨🇭", "\u{0}", "end\t1\t0", " ", "\"", "\u{202E}x",
]

private func whole(_ lines: String...) -> [UInt8] {
  let text = lines.map { "\($0)\n" }.joined()
  return Array("\(text)end\t\(lines.count)\t\(CRC32.hex(of: text.utf8))\n".utf8)
}

@Suite struct LaterFormats {
  @Test(arguments: hostileTexts, Scheme.allCases)
  func whatATargetHasIsKept(text: String, scheme: Scheme) throws {
    var inventory = JobInventory(policy: Policy(removal: .never))
    for host in 1...2 as ClosedRange<UInt32> {
      var target = target(host, Sighting(exporter: text, nodename: text, scheme: scheme, metricsPath: "/a?b=%"))
      target.hostname = host == 1 ? text : nil
      inventory.targets[endpoint(host)] = target
    }
    let stored = StoredInventory(jobs: [.init(name: "node", targetFile: "a.yml", inventory: inventory)])
    let read = try StoredInventory(stored.encoded(at: moment(0)), at: moment(0))
    #expect(read.jobs.first?.inventory.targets == inventory.targets)
  }

  @Test(arguments: hostileTexts)
  func whatIsLeftAloneIsKept(text: String) throws {
    var refusals = Refusals()
    for host in 1...3 as ClosedRange<UInt32> {
      for _ in 0..<host { _ = refusals.note(endpoint(host), .mute, reason: text, now: at(-7)) }
      _ = refusals.note(Endpoint(address: .v6(UInt128(host)), port: 9), .printer, reason: text, now: at(0))
    }
    let bytes = StoredInventory(refusals: refusals).encoded(at: moment(0))
    let read = try StoredInventory(bytes, at: moment(0))
    #expect(read.refusals.entries == refusals.entries)
    #expect(read.encoded(at: moment(0)) == bytes)
  }

  /// The clock of the machine says a day and a year less: nobody is left alone for longer than a day from now.
  @Test(arguments: [0, 3_600, 86_400, 365 * 86_400])
  func aClockSetBackKeepsNobodyAwayForLongerThanADay(by step: Int64) throws {
    var refusals = Refusals()
    for _ in 0..<9 { _ = refusals.note(endpoint(1), .printer, reason: "x", now: at(0)) }
    let bytes = StoredInventory(refusals: refusals).encoded(at: moment(0))
    let then = Moment(instant: at(0), wall: WallTime(milliseconds: nine.milliseconds - step * 1_000))
    let refusal = try #require(try StoredInventory(bytes, at: then).refusals.entries[endpoint(1)])
    #expect(refusal.until == at(86_400))
    #expect(refusal.since <= at(0))
    #expect(refusal.count == 9)
  }

  @Test func aClockThatWentOnEndsTheTime() throws {
    var refusals = Refusals()
    _ = refusals.note(endpoint(1), .printer, reason: "x", now: at(0))
    let bytes = StoredInventory(refusals: refusals).encoded(at: moment(0))
    let then = Moment(instant: at(0), wall: WallTime(milliseconds: nine.milliseconds + 3_600_000))
    let read = try StoredInventory(bytes, at: then)
    #expect(!read.refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(0)))
    #expect(read.refusals.entries[endpoint(1)]?.since == at(-3_600))
  }

  /// As the version before wrote them.
  @Test func aFileOfTheFirstFormatLosesNothing() throws {
    let bytes = whole(
      "subnet-sd inventory 1", "retired\told.yml\told", "job\tnode\ta.yml\t1795510799000",
      "hold\t\\N\t1795510790000\t5000\t1\t2", "hold\t10.0.0.0/24\t1795510790000\t0\t1\t2",
      "target\t10.0.0.1:9100\t1795510700000\tnode_exporter\t1.5.0\tweb-01\t1795503112.67",
      "target\t10.0.0.2:9100\t1795510700000\tnode_exporter\t\\N\t\\N\t\\N\t1795510740000\t3\t60000\t0\t0\t1\tno\\tanswer",
      "target\t[fd00::1]:9100\t1795510700000\tnode_exporter\t\\N\t\\N\t\\N", "gone\t10.0.0.3:9100")
    let read = try StoredInventory(bytes, at: moment(0))
    #expect(read.retired == [.init(path: "old.yml", job: "old")])
    #expect(read.refusals == Refusals())
    let job = try #require(read.jobs.first)
    #expect((job.name, job.targetFile) == ("node", "a.yml"))
    let inventory = job.inventory
    #expect(inventory.watchedUntil == at(-1))
    #expect(inventory.departed == [endpoint(3)])
    #expect(inventory.holds.map(\.total) == [2, 2])
    let first = try #require(inventory.targets[endpoint(1)])
    #expect(
      first.sighting
        == Sighting(
          exporter: "node_exporter", version: "1.5.0", nodename: "web-01", startTime: 1_795_503_112.67, scheme: .http,
          metricsPath: "/metrics"))
    #expect(first.firstSeen == at(-100))
    #expect(first.hostname == nil)
    #expect(inventory.silence(2) == silence(since: -60, missedScans: 3, counted: 60, reason: "no\tanswer"))
    #expect(inventory.targets.count == 3)
    // And is one of today's from then on.
    let again = try StoredInventory(read.encoded(at: moment(0)), at: moment(0))
    #expect(again.jobs.first?.inventory.targets == inventory.targets)
    #expect(String(decoding: read.encoded(at: moment(0)).prefix(21), as: UTF8.self) == "subnet-sd inventory 3")
  }

  /// As the version before wrote them: who stands for a machine is found out as it was then.
  @Test func aFileOfTheSecondFormatLosesNothing() throws {
    let machine = "node_exporter\t1.5.0\tweb-01\t1795503112.67\thttp\t/metrics"
    let bytes = whole(
      "subnet-sd inventory 2", "job\tnode\ta.yml\t1795510799000",
      "target\t10.0.0.1:9100\t1795510790000\t\(machine)\t\\N", "target\t10.0.0.2:9100\t1795510700000\t\(machine)\tb",
      "target\t10.0.0.3:9100\t1795510790000\t\(machine)\t\\N\t1795510740000\t3\t60000\t0\t0\t1\tno answer")
    var inventory = try #require(try StoredInventory(bytes, at: moment(0)).jobs.first).inventory
    inventory.resume(with: Policy(removal: .never), now: at(0))
    let targets = (1...3 as ClosedRange<UInt32>).compactMap { inventory.targets[endpoint($0)] }
    #expect(targets.map(\.duplicateOf) == [endpoint(2), nil, endpoint(2)])
    #expect(targets.map(\.identitySince) == [at(-10), at(-100), at(-10)])
    #expect(targets.map(\.hostname) == [nil, "b", nil])
    #expect(targets.map { $0.silence?.missedScans } == [nil, nil, 3])
    // Nothing was told of a downgrade.
    #expect(targets.map { $0.silence?.isDowngraded } == [nil, nil, false])
    // And is one of today's from then on.
    let stored = StoredInventory(jobs: [.init(name: "node", targetFile: "a.yml", inventory: inventory)])
    let again = try StoredInventory(stored.encoded(at: moment(0)), at: moment(0))
    #expect(again.jobs.first?.inventory.targets == inventory.targets)
    #expect(again.jobs.first?.inventory.fresh == [])
  }

  /// Lines of one format in a file of the other, and what nobody writes.
  @Test(arguments: [
    (1, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\tftp\t/metrics\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\t\\N\t/metrics\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t\\N\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\tmetrics\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/a b\t\\N"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\t\\N\t\\N"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\t\\N"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\tsoon\t\\N"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\t\\N\t10.0.0.2:9100"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\t\\N\t10.0.0.2:9100\t2"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\t\\N\t10.0.0.2\t1"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/metrics\t\\N\t\\N\t10.0.0.1:9100\t1"),
    (2, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/m\t\\N\t0\t1\t0\t0\t0\t0\t1\tx"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/m\t\\N\t\\N\t\\N\t0\t1\t0\t0\t0\t0\tx"),
    (3, "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\thttp\t/m\t\\N\t\\N\t\\N\t0\t1\t0\t0\t0\t0\t2\tx"),
    (2, "refused\t10.0.0.1:9100\tghost\t0\t1\t0\tx"), (2, "refused\t10.0.0.1:9100\tmute\t0\t0\t0\tx"),
    (2, "refused\t10.0.0.1:9100\tmute\t0\t9999999999\t0\tx"), (2, "refused\t10.0.0.1:9100\tmute\t\\N\t1\t0\tx"),
    (2, "refused\t10.0.0.1\tmute\t0\t1\t0\tx"), (2, "refused\t10.0.0.1:9100\tmute\t0\t1\t0"),
    (2, "refused\t10.0.0.1:9100\tmute\t0\t1\t0\tx\ty"),
    (2, "refused\t10.0.0.1:9100\tmute\t0\t1\t0\tx\nrefused\t10.0.0.1:9100\tprinter\t0\t1\t0\tx"),
  ])
  func refusesALineThatCannotBe(version: Int, lines: String) throws {
    let head = ["subnet-sd inventory \(version)", "job\tnode\t/a\t\\N"]
    let all = (head + [lines]).joined(separator: "\n")
    let count = all.count { $0 == "\n" } + 1
    let bytes = Array("\(all)\nend\t\(count)\t\(CRC32.hex(of: Array("\(all)\n".utf8)))\n".utf8)
    #expect(throws: StoredInventory.Invalid.self) { try StoredInventory(bytes, at: moment(0)) }
  }

  @Test(arguments: [-(1 << 53), -1, 0, 1 << 53] as [Int64])
  func noTimeIsATrap(time: Int64) throws {
    let bytes = whole("subnet-sd inventory 2", "refused\t10.0.0.1:9100\tmute\t\(time)\t1\t\(time)\tx")
    let refusal = try #require(try StoredInventory(bytes, at: moment(0)).refusals.entries[endpoint(1)])
    #expect(refusal.until <= at(86_400))
  }

  @Test(arguments: [Int64.min, -(1 << 53) - 1, 1 << 53 + 1, .max])
  func aTimeBeyondAllIsNone(time: Int64) {
    let bytes = whole("subnet-sd inventory 2", "refused\t10.0.0.1:9100\tmute\t\(time)\t1\t0\tx")
    #expect(throws: StoredInventory.Invalid.line(2)) { try StoredInventory(bytes, at: moment(0)) }
  }
}
