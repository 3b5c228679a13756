import Addressing
import Files
import Glibc
import Publishing
import Support
import Testing

struct AdoptionTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func adopt(_ text: String, as name: String = "sd.yml") throws -> [String: String?] {
    try directory.write(text, to: name)
    let file = try Samples.file(directory.path(of: name))
    let adopted = try file.adopt(within: try Samples.endpoints()).wanted
    return Dictionary(uniqueKeysWithValues: adopted.map { ($0.key.description, $0.value.exporter) })
  }

  private func sentence(_ text: String, as name: String = "sd.yml") -> String? {
    let error = #expect(throws: PublishingError.self) { try adopt(text, as: name) }
    #expect(directory.text(of: name) == text)
    return error?.description.replacing(directory.path, with: "/p")
  }

  @Test(arguments: ["", "\n", "# nothing\n", "---\n", "[]", "[]\n", "null\n", "~", "---\n[]\n"])
  func adoptsNothingFromNothing(text: String) throws {
    #expect(try adopt(text) == [:])
  }

  @Test(arguments: ["", " \n", "[]", "null", " [ ] "])
  func adoptsNothingFromJSONWithNothing(text: String) throws {
    #expect(try adopt(text, as: "sd.json") == [:])
  }

  @Test(arguments: ["sd.yml", "link.yml"])
  func startsEmptyWithoutAFile(name: String) throws {
    try directory.link("link.yml", to: "nothing.yml")
    #expect(try Samples.file(directory.path(of: name)).adopt(within: try Samples.endpoints()).wanted == [:])
  }

  @Test
  func refusesAMissingDirectory() throws {
    let path = directory.path(of: "missing/sd.yml")
    #expect(throws: PublishingError.file(.failed(.openDirectory, path: path, errno: ENOENT))) {
      try Samples.file(path).adopt(within: try Samples.endpoints()).wanted
    }
  }

  @Test
  func followsALink() throws {
    try directory.link("sd.yml", to: "real.json")
    try directory.write("- targets: ['10.0.1.1:9100']\n", to: "real.json")
    let adopted = try Samples.file(directory.path(of: "sd.yml")).adopt(within: try Samples.endpoints()).wanted
    #expect(adopted == [try Samples.endpoint("10.0.1.1:9100"): Claim()])
  }

  @Test(arguments: [
    "- targets: ['10.0.1.1:9100', '10.0.9.99:9100']\n",
    "- targets: ['10.0.1.1:9100', '10.0.9.99:9100']\n  labels: {env: prod}\n",
    "- labels: &id001 {a: b}\n  targets: ['10.0.1.1:9100']\n- labels: *id001\n  targets: ['10.0.9.99:9100']\n",
    "- targets: [10.0.1.1:9100]\n  labels:\n- labels: {y: on, n: 1, z: null}\n  targets: ['10.0.9.99:9100']\n",
    "- targets:\n  - \"10.0.1.1:9100\"\n  - 10.0.9.99:9100\n- targets: []\n- targets:\n- labels: {a: b}\n",
    #"[{"targets": ["10.0.1.1:9100", "10.0.9.99:9100"], "labels": {"env": "prod"}}]"#,
  ])
  func adoptsTheFileOfAScript(text: String) throws {
    #expect(try adopt(text) == ["10.0.1.1:9100": nil, "10.0.9.99:9100": nil])
  }

  private static let ours = #"""
    # Written by subnet-sd for job "node"; edits are overwritten.
    - targets:
      - "10.0.1.1:9100"
      - "10.0.1.200:9100"
      - "10.0.1.2:9182"
      - "db1:9100"
      labels:
        "__meta_subnet_sd_exporter": "node_exporter"
        "__meta_subnet_sd_job": "renamed since"
    - targets:
      - "[fd00:1::7]:9100"
      - "[fd00:2::7]:9100"
      labels:
        "__meta_subnet_sd_job": "node"

    """#

  @Test
  func dropsWhatAChangeOfConfigurationTook() throws {
    #expect(try adopt(Self.ours) == ["10.0.1.1:9100": "node_exporter", "[fd00:1::7]:9100": nil])
  }

  @Test
  func refusesWhatOthersPutIntoAFileOfOurs() {
    #expect(
      sentence(Self.ours + "- targets: ['10.0.1.3:9100', 'db2:9100']\n") == """
        '/p/sd.yml' lists 1 target that this job did not write and does not scan (db2:9100), so it is \
        not replaced; add their ranges, or move the file away
        """)
  }

  @Test
  func refusesAFileOfOthersWithTargetsThatNobodyElseKnows() {
    #expect(
      sentence("- targets: ['10.9.9.9:9100', '10.0.1.1:9100', 'db1:9100']\n") == """
        '/p/sd.yml' lists 2 targets that this job did not write and does not scan (10.9.9.9:9100, \
        db1:9100), so it is not replaced; add their ranges, or move the file away
        """)
    #expect(
      sentence("- targets: [a, b]\n- targets: ['10.0.1.1:9182', d]\n") == """
        '/p/sd.yml' lists 4 targets that this job did not write and does not scan (a, b, \
        10.0.1.1:9182, …), so it is not replaced; add their ranges, or move the file away
        """)
  }

  @Test
  func showsWhatStrangersWroteInOneShortLine() {
    let long = String(repeating: "x", count: 1000)
    #expect(
      sentence("- targets: [\"a\\nb\\e[31m\", \(long)]\n") == """
        '/p/sd.yml' lists 2 targets that this job did not write and does not scan (a\\nb\\u001b[31m, \
        \(long.prefix(64))…), so it is not replaced; add their ranges, or move the file away
        """)
  }

  private static let ending = "so the file is not replaced; mend it, or move it away"

  @Test(arguments: [
    ("targets: ['10.0.1.1:9100']\n", "1:1: not a list of target groups"),
    ("just text\n", "1:1: not a list of target groups"),
    ("- 10.0.1.1:9100\n", "1:3: not a target group, a mapping with 'targets' and 'labels'"),
    ("- targets: []\n-\n", "2:2: not a target group, a mapping with 'targets' and 'labels'"),
    ("- targets: []\n  hosts: []\n", "2:3: 'hosts' is not a key of a target group"),
    ("- Targets: []\n", "1:3: 'Targets' is not a key of a target group"),
    ("- targets: []\n  targets: []\n", "2:3: 'targets' stands here twice"),
    ("- labels: {a: b, a: c}\n", "1:18: 'a' stands here twice"),
    ("- targets: 10.0.1.1:9100\n", "1:12: 'targets' is not a list of texts"),
    ("- targets: {a: b}\n", "1:12: 'targets' is not a list of texts"),
    ("- targets: [[a]]\n", "1:13: 'targets' is not a list of texts"),
    ("- targets: [a, ~]\n", "1:16: 'targets' is not a list of texts"),
    ("- labels: [a]\n", "1:11: 'labels' is not a mapping of names to texts"),
    ("- labels: text\n", "1:11: 'labels' is not a mapping of names to texts"),
    ("- labels: {a: [b]}\n", "1:15: 'labels' is not a mapping of names to texts"),
    ("- labels: {a: {b: c}}\n", "1:15: 'labels' is not a mapping of names to texts"),
  ])
  func refusesWhatIsNoTargetFile(text: String, sentence expected: String) {
    #expect(sentence(text) == "/p/sd.yml:\(expected), \(Self.ending)")
  }

  @Test(arguments: [
    "- targets: ['10.0.1.1:9100'\n", "- targets: [a]\n---\n- targets: [b]\n", "\t- targets: []\n", "{\n", "\0",
  ])
  func refusesWhatIsNoDocument(text: String) throws {
    let shown = try #require(sentence(text))
    #expect(shown.hasPrefix("/p/sd.yml:") && shown.hasSuffix(", \(Self.ending)"))
  }

  @Test
  func refusesBytesThatAreNoText() throws {
    try directory.write([0x2D, 0x20, 0xFF, 0xFE], to: "sd.yml")
    #expect(throws: PublishingError.self) {
      try Samples.file(directory.path(of: "sd.yml")).adopt(within: try Samples.endpoints()).wanted
    }
  }

  @Test
  func refusesAFileTooLargeToRead() throws {
    try directory.write("", to: "sd.yml")
    let path = directory.path(of: "sd.yml")
    #expect(unsafe truncate(path, off_t(PublishingError.maxSize) + 1) == 0)
    #expect(
      throws: PublishingError.file(
        .tooLarge(path: path, size: PublishingError.maxSize + 1, limit: PublishingError.maxSize))
    ) {
      try Samples.file(path).adopt(within: try Samples.endpoints()).wanted
    }
  }

  /// The file may grow between a look at its size and the reading.
  @Test
  func stopsReadingAFileThatNeverEnds() throws {
    try directory.write("x", to: "sd.yml")
    var calls = FileCalls.system
    calls.read = { _, count throws(Errno) in [UInt8](repeating: 0x20, count: count) }
    let file = try Samples.file(directory.path(of: "sd.yml"), calls: calls)
    let error = #expect(throws: PublishingError.self) { try file.adopt(within: try Samples.endpoints()).wanted }
    guard case .file(.tooLarge) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read every file"))
  func refusesAFileItMayNotRead() throws {
    try directory.write("[]\n", to: "sd.yml")
    let path = directory.path(of: "sd.yml")
    #expect(unsafe chmod(path, 0) == 0)
    #expect(throws: PublishingError.file(.failed(.open, path: path, errno: EACCES))) {
      try Samples.file(path).adopt(within: try Samples.endpoints()).wanted
    }
  }
}
