import Addressing
import Publishing
import Support
import Testing

struct TargetGroupTests {
  private func groups(_ targets: [String: String], labels: [String: String] = [:], groupBy: Int = 24) throws
    -> [TargetGroup]
  {
    let exporters = try targets.map { (try Samples.endpoint($0.key), Traits(exporter: $0.value)) }
    return TargetGroup.groups(
      of: Dictionary(uniqueKeysWithValues: exporters), job: "node", labels: labels, groupBy: groupBy)
  }

  @Test
  func groupsByPrefixAndExporterInAddressOrder() throws {
    let groups = try groups([
      "10.0.10.1:9100": "node_exporter", "10.0.2.10:9100": "node_exporter", "10.0.2.9:9182": "windows_exporter",
      "10.0.2.9:9100": "node_exporter", "10.0.2.9:80": "node_exporter", "[fd00:0:0:1::1]:9100": "node_exporter",
      "[fd00::2]:9100": "node_exporter", "[fd00::1]:9100": "node_exporter", "9.9.9.9:9100": "node_exporter",
    ])
    let expected = [
      ("9.9.9.0/24", "node_exporter", ["9.9.9.9:9100"]),
      ("10.0.2.0/24", "node_exporter", ["10.0.2.9:80", "10.0.2.9:9100", "10.0.2.10:9100"]),
      ("10.0.2.0/24", "windows_exporter", ["10.0.2.9:9182"]),
      ("10.0.10.0/24", "node_exporter", ["10.0.10.1:9100"]),
      ("fd00::/64", "node_exporter", ["[fd00::1]:9100", "[fd00::2]:9100"]),
      ("fd00:0:0:1::/64", "node_exporter", ["[fd00:0:0:1::1]:9100"]),
    ]
    #expect(groups.map(\.labels["__meta_subnet_sd_prefix"]) == expected.map { $0.0 })
    #expect(groups.map(\.labels["__meta_subnet_sd_exporter"]) == expected.map { $0.1 })
    #expect(groups.map { $0.targets.map(\.description) } == expected.map { $0.2 })
  }

  @Test(arguments: [(0, "0.0.0.0/0"), (16, "10.0.0.0/16"), (32, "10.0.2.9/32")])
  func takesThePrefixLengthForIPv4Alone(groupBy: Int, prefix: String) throws {
    let groups = try groups(["10.0.2.9:9100": "a", "[fd00::9]:9100": "a"], groupBy: groupBy)
    #expect(groups.map(\.labels["__meta_subnet_sd_prefix"]) == [prefix, "fd00::/64"])
  }

  @Test
  func hasTheLabelsOfTheJobAndOurs() throws {
    let labels = ["env": "prod", "__meta_subnet_sd_job": "another"]
    #expect(
      try groups(["10.0.2.9:9100": "node_exporter"], labels: labels).map(\.labels) == [
        [
          "env": "prod", "__meta_subnet_sd_job": "node", "__meta_subnet_sd_prefix": "10.0.2.0/24",
          "__meta_subnet_sd_exporter": "node_exporter",
        ]
      ])
  }

  @Test
  func makesNoGroupOfNothing() throws {
    #expect(try groups([:]).isEmpty)
  }

  @Test
  func putsEachTargetIntoOneGroup() throws {
    var random = SplitMix(seed: 2)
    let targets = Dictionary(
      (0..<3000).map { _ in
        let address = Address.v4(0x0A00_0000 + UInt32.random(in: 0..<4096, using: &random))
        return (Endpoint(address: address, port: 9100), ["a", "b"].randomElement(using: &random) ?? "a")
      }, uniquingKeysWith: { $1 })
    let groups = TargetGroup.groups(
      of: targets.mapValues { Traits(exporter: $0) }, job: "node", labels: [:], groupBy: 26)
    #expect(groups.flatMap(\.targets).sorted() == targets.keys.sorted())
    #expect(Set(groups.map(\.labels)).count == groups.count)
    for group in groups {
      #expect(group.targets == group.targets.sorted())
      let exporter = group.labels["__meta_subnet_sd_exporter"]
      #expect(group.targets.allSatisfy { targets[$0] == exporter })
      let prefix = group.labels["__meta_subnet_sd_prefix"]
      #expect(group.targets.allSatisfy { "\(Prefix(containing: $0.address, length: 26))" == prefix })
    }
  }
}
