import Configuration
import Testing

private let good = """
  global:
    scan_interval: 1m
    remove_after: never
    exclude: [10.0.0.9, "fd00::/126"]
    max_addresses: 70000
  scan_configs:
    - job_name: node
      ranges: [10.0.1-9.1-99, 10.8.0.0/22, "fd00:1::/120"]
      ports: [9100]
      labels: {env: "prod", rack: 5}
    - job_name: other
      ranges:
        - 10.9.0.10-10.9.0.40
      exporters: [redis_exporter]
      target_file: other.json
      file_mode: "0640"
      allow_public: false

  """

@Test func theTextToDamageIsGood() {
  #expect(messages(for: good.utf8) == "")
}

@Test(arguments: 0..<8)
func survivesDamage(seed: UInt64) throws {
  var generator = SeededGenerator(state: seed)
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

/// `head` and then `unit`, as often as a file may hold it.
private func full(_ head: String, _ unit: (Int) -> String) -> [UInt8] {
  var text = Array(head.utf8)
  var index = 0
  while true {
    let more = unit(index).utf8
    guard text.count + more.count <= ConfigurationError.maxBytes else { return text }
    text += more
    index += 1
  }
}

@Test(arguments: [
  (full("global:\n") { "  k\($0):\n" }, 101),
  (full("global:\n") { _ in "  a:\n" }, 101),
  (full("scan_configs:\n") { _ in "- {}\n" }, 101),
  (full("scan_configs:\n- ranges:\n") { _ in "  - 10.0-255.0-255.1\n" }, 2),
  (full("scan_configs:\n- ranges:\n") { _ in "  - 10.0.0.1/8\n" }, 101),
  (full("scan_configs:\n- job_name: ") { _ in "x" }, 2),
  (full("scan_configs:\n- labels:\n") { "    l\($0):\n" }, 101),
  (full("") { _ in "[" }, 1),
])
func saysWithinBoundsWhatIsWrong(text: [UInt8], lines: Int) {
  #expect(messages(for: text).split(separator: "\n").count == lines)
}

@Test func refusesMoreThanItReads() {
  #expect(
    messages(for: [UInt8](repeating: UInt8(ascii: "#"), count: 8 << 20))
      == "cannot read 'config.yml': it has more than 1048576 bytes")
}

@Test func readsAsManyJobsAsFit() throws {
  let text = full("scan_configs:\n") { "- {job_name: j\($0), ranges: [10.0.0.0/24], target_file: \($0).yml}\n" }
  let settings = try Settings(parsing: text, file: "config.yml", exporters: catalogue)
  #expect(settings.jobs.count > 10_000)
}
