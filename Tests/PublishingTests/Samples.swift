import Addressing
import Files
import Publishing
import Testing

/// What the tests publish.
enum Samples {
  /// The endpoints of a job that scans 10.0.1-9.1-99 and fd00:1::/120 on port 9100.
  static func endpoints() throws -> EndpointSet {
    let spans = try ["10.0.1-9.1-99", "fd00:1::/120"].flatMap { try AddressRange($0).hosts }
    return try #require(EndpointSet(addresses: AddressSet(spans), ports: [9100]))
  }

  static func endpoint(_ text: String) throws -> Endpoint {
    try #require(Endpoint(text))
  }

  static func groups(_ targets: [String], labels: [String: String] = [:]) throws -> [TargetGroup] {
    let exporters = try targets.map { (try endpoint($0), Traits(exporter: "node_exporter")) }
    return TargetGroup.groups(
      of: Dictionary(uniqueKeysWithValues: exporters), job: "node", labels: labels, groupBy: 24)
  }

  static func file(_ path: String, mode: UInt32 = 0o644, calls: FileCalls = .system) throws -> TargetFile {
    try #require(TargetFile(path: path, job: "node", mode: mode, formerJobs: ["renamed since"], calls: calls))
  }

  static func bytes(_ groups: [TargetGroup], in format: TargetFileFormat = .yaml) -> [UInt8] {
    format.render(groups, keptFor: "node")
  }

  /// Texts that a careless writer would get wrong.
  static let hostileTexts = [
    "", " ", "\"", "\\", "a\"b\\c", "\\\"", "line\nbreak", "\r\n", "tab\t", "null", "~", "yes", "y", "on", "1e3",
    "0x1F", "1:30", "2001-01-01", "- a", "a: b", "a #b", "#", "{a", "[b", "&a", "*a", "!tag", "|", ">", "%", "@", "`",
    "'", "''", "---", "...", "<<", "=", "trailing ", " leading", "Zürich", "東京", "🖨️ office", "e\u{301}",
    "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}bom", "\u{7f}", "\u{0}", "\u{1b}[31mred", "\u{202e}evil", "\u{a0}",
    "\u{fffd}", "\u{ffff}", "\u{d7ff}\u{e000}", "\u{10ffff}", "/", "</script>",
  ]
}
