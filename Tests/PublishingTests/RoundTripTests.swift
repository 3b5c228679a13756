import Addressing
import Files
import Publishing
import Support
import Testing

/// What is written is adopted again, whatever stands in the labels.
struct RoundTripTests {
  /// Without waiting for the disk, of which these tests say nothing.
  private func file(_ path: String, job: String) throws -> TargetFile {
    var calls = FileCalls.system
    calls.sync = { _ throws(Errno) in }
    return try #require(TargetFile(path: path, job: job, mode: 0o644, calls: calls))
  }

  private func randomText(using random: inout SplitMix) -> String {
    String(
      (0..<Int.random(in: 0...8, using: &random)).map { _ in
        Samples.hostileTexts.randomElement(using: &random) ?? ""
      }.joined())
  }

  @Test(arguments: ["sd.yml", "sd.json"], 0..<30 as Range<UInt64>)
  func adoptsWhatItWrote(name: String, seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let endpoints = try Samples.endpoints()
    var targets: [Endpoint: String] = [:]
    for _ in 0..<Int.random(in: 0...300, using: &random) {
      targets[endpoints[UInt64.random(in: 0..<endpoints.count, using: &random)]] = [
        "node_exporter", randomText(using: &random), "mysqld_exporter",
      ].randomElement(using: &random)
    }
    let labels = (0..<5).map { ("label_\($0)", randomText(using: &random)) }
    let groups = TargetGroup.groups(
      of: targets.mapValues { Traits(exporter: $0) }, job: randomText(using: &random),
      labels: Dictionary(uniqueKeysWithValues: labels),
      groupBy: Int.random(in: 0...32, using: &random))

    let directory = try TemporaryDirectory()
    let file = try file(directory.path(of: name), job: randomText(using: &random))
    #expect(try file.replace(with: groups, within: endpoints) == .replaced)
    #expect(try file.adopt(within: endpoints).wanted == targets.mapValues { Claim(exporter: $0) })
    #expect(try file.replace(with: groups, within: endpoints) == .unchanged)
  }

  @Test(arguments: Samples.hostileTexts, ["sd.yml", "sd.json"])
  func bringsBackEveryText(text: String, name: String) throws {
    let directory = try TemporaryDirectory()
    let endpoint = try Samples.endpoint("10.0.1.1:9100")
    let groups = TargetGroup.groups(
      of: [endpoint: Traits(exporter: text)], job: text, labels: ["y": text], groupBy: 24)
    let file = try file(directory.path(of: name), job: text)
    #expect(try file.replace(with: groups, within: Samples.endpoints()) == .replaced)
    let adopted = try file.adopt(within: Samples.endpoints()).wanted
    // Swift's == takes texts for equal that differ in their composition.
    let exporter = try #require(adopted[endpoint]?.exporter)
    #expect(Array(exporter.utf8) == Array(text.utf8))
  }
}
