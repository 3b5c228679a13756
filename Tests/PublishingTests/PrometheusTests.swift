import Addressing
import Foundation
import Files
import Publishing
import Support
import Testing

/// What a real Prometheus makes of the file.
@Suite(.enabled(if: Promtool.path != nil, "promtool is not in PATH"))
struct PrometheusTests {
  @Test(arguments: ["sd.yml", "sd.json"])
  func findsEveryTargetWithItsLabels(name: String) throws {
    let directory = try TemporaryDirectory()
    let labels = Dictionary(
      uniqueKeysWithValues: Samples.hostileTexts.enumerated().map { ("label_\($0.offset)", $0.element) })
    let groups = try Samples.groups(
      ["10.0.1.1:9100", "10.0.2.1:9100", "[fd00:1::7]:9100"],
      labels: labels.merging(["y": "on", "no": "1"]) { $1 })
    let file = try Samples.file(directory.path(of: name))
    #expect(try file.replace(with: groups, within: Samples.endpoints()) == .replaced)

    let found = try Promtool.discover(directory.path(of: name), in: directory)
    #expect(found.count == 3)
    for group in groups {
      for target in group.targets {
        let labels = try #require(found[target.description])
        for (label, value) in group.labels {
          // Prometheus has no empty labels; Swift's == takes texts for equal that differ in their composition.
          #expect(Array((labels[label] ?? "").utf8) == Array(value.utf8), "\(label)")
        }
      }
    }
  }

  @Test(arguments: ["sd.yml", "sd.json"])
  func findsNothingWhereThereIsNothing(name: String) throws {
    let directory = try TemporaryDirectory()
    let file = try Samples.file(directory.path(of: name))
    #expect(try file.replace(with: [], within: Samples.endpoints()) == .replaced)
    #expect(try Promtool.discover(directory.path(of: name), in: directory).isEmpty)
  }
}

private enum Promtool {
  static let path = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":")
    .map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The labels of each target that `promtool` finds in the file, which it must accept.
  static func discover(_ file: String, in directory: TemporaryDirectory) throws -> [String: [String: String]] {
    try directory.write(
      "scrape_configs: [{job_name: test, file_sd_configs: [{files: ['\(file)']}]}]\n", to: "prometheus.yaml")
    let config = directory.path(of: "prometheus.yaml")
    _ = try run("check", "config", config)
    struct Result: Decodable { var discoveredLabels: [String: String] }
    let output = try run("check", "service-discovery", "--timeout=2s", config, "test")
    let results = try JSONDecoder().decode([Result]?.self, from: output) ?? []
    return Dictionary(
      uniqueKeysWithValues: results.map { ($0.discoveredLabels["__address__"] ?? "", $0.discoveredLabels) })
  }

  private static func run(_ arguments: String...) throws -> Data {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(arguments): \(String(decoding: data, as: UTF8.self))")
    return data
  }
}
