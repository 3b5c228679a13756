import Configuration
import Support
import Testing

private let good = """
  global:
    scan_interval: 1m
    remove_after: never
    exclude: [10.0.0.9, "fd00::/126"]
    max_addresses: 70000
    not_printers: [10.0.0.0/16]
  exporters:
    - name: my_app
      ports: [8080]
      scheme: https
      request: "/metrics?a=b"
      proofs: [my_app_build_info, my_app_info]
      nodename: {family: my_app_info, label: host}
  scan_configs:
    - job_name: node
      ranges: [10.0.1-9.1-99, 10.8.0.0/22, "fd00:1::/120"]
      ports: [9100]
      labels: {env: "prod", rack: 5}
    - job_name: other
      ranges:
        - 10.9.0.10-10.9.0.40
      exporters: [redis_exporter, my_app, any]
      tls_config: {ca_file: ca.pem, server_name: node.example.org}
      basic_auth: {username: prometheus, password_file: node.password}
      target_labels: [nodename, version]
      target_file: other.json
      file_mode: "0640"
      allow_public: false

  """

@Test func theTextToDamageIsGood() {
  #expect(messages(for: good.utf8) == "")
}

@Test(arguments: 0..<8)
func survivesDamage(seed: UInt64) throws {
  var generator = SplitMix(seed: seed)
  let pieces = Array(good.utf8).split(separator: UInt8(ascii: " "))
  var valid = 0
  for _ in 0..<400 {
    var text = Array(good.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let start = Int.random(in: 0..<text.count, using: &generator)
      let end = min(text.count, start + Int.random(in: 0...6, using: &generator))
      let byte = UInt8.random(in: 0...255, using: &generator)
      let piece = pieces.randomElement(using: &generator) ?? []
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: text[start] = byte
      case 1: text.removeSubrange(start..<end)
      case 2: text.insert(contentsOf: piece, at: start)
      case 3: text.insert(contentsOf: text[start..<end], at: end)
      default: text[start] = text.randomElement(using: &generator) ?? byte
      }
    }
    let said = messages(for: text)
    if said.isEmpty { valid += 1 }
    for line in said.split(separator: "\n") {
      #expect(line.hasPrefix("config.yml:"))
      #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
  }
  // Neither all nor none: the damage reaches the checks.
  #expect((1..<400).contains(valid))
}

/// A text of 100 KiB: `head` and then `unit`, again and again, with a number for its '#'.
private struct Flood: CustomTestStringConvertible {
  var head: String
  var unit: String

  init(_ head: String, _ unit: String) {
    self.head = head
    self.unit = unit
  }

  var testDescription: String { "\(head.debugDescription) and many \(unit.debugDescription)" }

  var text: [UInt8] {
    var text = Array(head.utf8)
    let parts = unit.split(separator: "#", omittingEmptySubsequences: false)
    for index in 0... {
      let more = parts.joined(separator: "\(index)").utf8
      if text.count + more.count > 100 << 10 { break }
      text += more
    }
    return text
  }
}

@Test(arguments: [
  (Flood("global:\n", "  k#:\n"), 101),
  (Flood("global:\n", "  a:\n"), 101),
  (Flood("scan_configs:\n", "- {}\n"), 1),
  (Flood("scan_configs:\n- ranges:\n", "  - 10.0.0.1/8\n"), 101),
  (Flood("scan_configs:\n- job_name: ", "x"), 2),
  (Flood("scan_configs:\n- labels:\n", "    l#:\n"), 101),
  (Flood("scan_configs:\n- exporters:\n", "  - e#\n"), 101),
  (Flood("scan_configs:\n- tls_config:\n", "    k#:\n"), 101),
  (Flood("exporters:\n- proofs:\n", "  - p#\n"), 3),
  (Flood("exporters:\n", "- {}\n"), 2),
  (Flood("", "["), 1),
])
private func saysWithinBoundsWhatIsWrong(flood: Flood, lines: Int) {
  #expect(messages(for: flood.text).split(separator: "\n").count == lines)
}

@Test func refusesMoreThanItReads() {
  #expect(
    messages(for: [UInt8](repeating: UInt8(ascii: "#"), count: 8 << 20))
      == "cannot read 'config.yml': it has more than 1048576 bytes")
}

@Test func readsAThousandJobsAndNoMore() throws {
  let jobs = { (count: Int) in
    let lines = (0..<count).map { "- {job_name: j\($0), ranges: [10.0.0.0/24], target_file: \($0).yml}\n" }
    return Array(("scan_configs:\n" + lines.joined()).utf8)
  }
  #expect(try Settings(parsing: jobs(1_000), file: "config.yml", catalogue: catalogue).jobs.count == 1_000)
  #expect(
    messages(for: jobs(1_001))
      == "config.yml:2:1: 'scan_configs' has 1001 jobs; 1000 are allowed; give a job the ranges of several, or run a"
      + " second subnet-sd with a state directory of its own")
}

@Test func readsManyJobsWithManyExporters() throws {
  let names = (0..<200).map { "e\($0)" }.joined(separator: ",")
  let exporters = Flood("exporters:\n", "- {name: e#, proofs: [p#], ports: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n")
  let head = exporters.text.split(separator: UInt8(ascii: "\n")).prefix(201).joined(separator: [UInt8(ascii: "\n")])
  let jobs = (0..<1000).map { index in
    "- {job_name: j\(index), ranges: [10.0.0.1], target_file: \(index).yml, exporters: [\(names)]}"
  }
  let text = head + Array("\nscan_configs:\n\(jobs.joined(separator: "\n"))\n".utf8)
  let settings = try Settings(parsing: text, file: "config.yml", catalogue: catalogue)
  #expect(settings.jobs.count == 1000)
  #expect(settings.jobs[999].exporters.count == 200)
}
