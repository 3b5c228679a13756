import Addressing
import Documents
import Exporters
import Files
import Publishing
import Support
import Testing

/// What a target file says of its targets beside their place.
struct TraitTests {
  private func groups(_ targets: [String: Traits], labels: [String: String] = [:]) throws -> [TargetGroup] {
    let traits = try targets.map { (try Samples.endpoint($0.key), $0.value) }
    return TargetGroup.groups(
      of: Dictionary(uniqueKeysWithValues: traits), job: "node", labels: labels, groupBy: 24)
  }

  private let node = Traits(exporter: "node_exporter")
  private let secured = Traits(exporter: "node_exporter", scheme: .https)
  private let elsewhere = Traits(exporter: "envoy", metricsPath: "/stats/prometheus")

  @Test
  func saysOnlyWhatPrometheusDoesNotTakeForGranted() throws {
    let groups = try groups(["10.0.1.1:9100": node, "10.0.2.1:9100": secured, "10.0.3.1:9901": elsewhere])
    #expect(groups.map { $0.labels["__scheme__"] } == [nil, "https", nil])
    #expect(groups.map { $0.labels["__metrics_path__"] } == [nil, nil, "/stats/prometheus"])
  }

  @Test
  func eachTraitIsAGroupOfItsOwnAndInOrder() throws {
    let named = { (name: String) in Traits(exporter: "node_exporter", names: ["nodename": name]) }
    let groups = try groups([
      "10.0.1.1:9100": named("b"), "10.0.1.2:9100": named("a"), "10.0.1.3:9100": node, "10.0.1.4:9100": secured,
      "10.0.1.5:9100": elsewhere, "10.0.1.6:9100": named("a"), "10.0.0.1:9100": named("z"),
    ])
    #expect(
      groups.map { $0.targets.map(\.description) } == [
        ["10.0.0.1:9100"], ["10.0.1.5:9100"], ["10.0.1.3:9100"], ["10.0.1.2:9100", "10.0.1.6:9100"], ["10.0.1.1:9100"],
        ["10.0.1.4:9100"],
      ])
    #expect(groups.map { $0.labels["__meta_subnet_sd_nodename"] } == ["z", nil, nil, "a", "b", nil])
  }

  @Test
  func namesThatAreNotThereAreNoLabel() throws {
    let group = try #require(
      try groups(["10.0.1.1:9100": Traits(exporter: "a", names: ["hostname": "h", "version": "1"])]).first)
    #expect(
      group.labels.keys.sorted() == [
        "__meta_subnet_sd_exporter", "__meta_subnet_sd_hostname", "__meta_subnet_sd_job", "__meta_subnet_sd_prefix",
        "__meta_subnet_sd_version",
      ])
  }

  /// A job's own label does not change how its targets are scraped.
  @Test
  func aLabelOfTheJobGivesWay() throws {
    let labels = ["__scheme__": "http", "__metrics_path__": "/x", "env": "prod"]
    let groups = try groups(["10.0.1.1:9100": secured, "10.0.1.2:9901": elsewhere], labels: labels)
    #expect(groups.map { $0.labels["__metrics_path__"] } == ["/stats/prometheus", "/x"])
    #expect(groups.map { $0.labels["__scheme__"] } == ["http", "https"])
  }

  private func randomTraits(using random: inout SplitMix) -> Traits {
    var traits = Traits(
      exporter: ["node_exporter", "envoy", "unknown"].randomElement(using: &random) ?? "",
      scheme: .random(using: &random),
      metricsPath: ["/metrics", "/stats", "/probe"].randomElement(using: &random) ?? "")
    for name in ["nodename", "hostname", "version"] where Bool.random(using: &random) {
      traits.names[name] = Samples.hostileTexts.randomElement(using: &random)
    }
    return traits
  }

  @Test(arguments: ["sd.yml", "sd.json"], 1...20 as ClosedRange<UInt64>)
  func theSameTargetsAreTheSameBytes(name: String, seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let endpoints = try Samples.endpoints()
    var pairs: [(Endpoint, Traits)] = []
    for index in 0..<200 { pairs.append((endpoints[UInt64(index)], randomTraits(using: &random))) }
    let format = try #require(TargetFileFormat(path: name))
    let first = format.render(
      TargetGroup.groups(of: Dictionary(uniqueKeysWithValues: pairs), job: "node", labels: [:], groupBy: 24))
    for _ in 0..<5 {
      // Another order of insertion is another order of a dictionary.
      pairs.shuffle(using: &random)
      let again = format.render(
        TargetGroup.groups(of: Dictionary(uniqueKeysWithValues: pairs), job: "node", labels: [:], groupBy: 24))
      #expect(again == first)
    }
  }

  /// Names from the network, through a strict reader that is not ours to write with.
  @Test(arguments: Samples.hostileTexts, ["sd.yml", "sd.json"])
  func aNameOfAStrangerStaysWhatItIs(text: String, name: String) throws {
    let traits = Traits(exporter: "node_exporter", names: ["nodename": text, "hostname": text, "version": text])
    let format = try #require(TargetFileFormat(path: name))
    let bytes = format.render(try groups(["10.0.1.1:9100": traits]), keptFor: "node")
    let root = try #require(try Node.parse(bytes))
    let group = try #require(root.items?.first?.entries)
    #expect(root.items?.count == 1)
    #expect(group.map(\.key.text) == ["targets", "labels"])
    let labels = try #require(group.last?.value.entries)
    #expect(labels.count == 6)
    for entry in labels where entry.key.text != "__meta_subnet_sd_job" {
      guard ["nodename", "hostname", "version"].contains(where: { entry.key.text?.hasSuffix("_\($0)") == true }) else {
        continue
      }
      #expect(entry.value.text.map { Array($0.utf8) } == Array(text.utf8))
    }
  }
}

extension Scheme {
  fileprivate static func random(using random: inout SplitMix) -> Scheme {
    Bool.random(using: &random) ? .http : .https
  }
}

/// What a file claims of its targets is believed only where it can be.
struct ClaimTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func claim(_ labels: String) throws -> Claim? {
    try directory.write("- targets: ['10.0.1.1:9100']\n  labels: {\(labels)}\n", to: "sd.yml")
    return try Samples.file(directory.path(of: "sd.yml")).adopt(within: try Samples.endpoints())
      .wanted[try Samples.endpoint("10.0.1.1:9100")]
  }

  @Test
  func aScriptsFileClaimsNothing() throws {
    #expect(try claim("env: prod") == Claim())
  }

  @Test
  func whatIsWellFormedIsBelieved() throws {
    let labels = "__meta_subnet_sd_exporter: envoy, __scheme__: https, __metrics_path__: /stats/prometheus"
    #expect(try claim(labels) == Claim(exporter: "envoy", scheme: .https, metricsPath: "/stats/prometheus"))
  }

  @Test(arguments: ["ftp", "HTTPS", "", "http ", "'https\\n'"])
  func anotherSchemeIsNone(scheme: String) throws {
    #expect(try claim("__scheme__: \"\(scheme)\"")?.scheme == nil)
  }

  @Test(arguments: [
    "", "metrics", "http://x/metrics", "/a b", "/a\\nb", "/a\\0b", "/é", "/a\\x7Fb",
    "/" + String(repeating: "x", count: 1_024),
  ])
  func whatIsNoPathIsNone(path: String) throws {
    #expect(try claim("__metrics_path__: \"\(path)\"")?.metricsPath == nil)
  }

  @Test(arguments: ["/", "/metrics", "/a?b=c", "/" + String(repeating: "x", count: 1_023)])
  func aPathIsAPath(path: String) throws {
    #expect(try claim("__metrics_path__: \"\(path)\"")?.metricsPath == path)
  }

  @Test
  func whatWasWrittenIsClaimedAgain() throws {
    let endpoint = try Samples.endpoint("10.0.1.1:9100")
    let traits = Traits(exporter: "envoy", scheme: .https, metricsPath: "/stats/prometheus", names: ["nodename": "a"])
    let file = try Samples.file(directory.path(of: "sd.yml"))
    let groups = TargetGroup.groups(of: [endpoint: traits], job: "node", labels: [:], groupBy: 24)
    #expect(try file.replace(with: groups, within: try Samples.endpoints()) == .replaced)
    #expect(
      try file.adopt(within: try Samples.endpoints()).wanted
        == [endpoint: Claim(exporter: "envoy", scheme: .https, metricsPath: "/stats/prometheus")])
  }
}
