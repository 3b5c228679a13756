import Addressing
import Publishing
import Testing

struct TargetFileFormatTests {
  @Test(
    arguments: [
      ("a.yml", .yaml), ("/x/a.yaml", .yaml), ("a.YML", .yaml), ("a.YAML", .yaml), ("a.json", .json),
      ("a.JSON", .json), (".yml", .yaml), ("a.b.json", .json), ("a", nil), ("a.txt", nil), ("a.Yml", nil),
      ("a.yml.tmp", nil), ("a.yml/b", nil), ("a.yml/", nil), ("yml", nil), ("", nil), ("a.json ", nil),
    ] as [(String, TargetFileFormat?)])
  func goesByTheNameAsPrometheusDoes(path: String, format: TargetFileFormat?) {
    #expect(TargetFileFormat(path: path) == format)
  }

  /// What the manual says of it: how many bytes a target takes, and so how many fit.
  @Test(
    arguments: [(.yaml, false, 30), (.json, false, 30), (.yaml, true, 280), (.json, true, 280)]
      as [(TargetFileFormat, Bool, Int)])
  func takesSoManyBytes(format: TargetFileFormat, hasNames: Bool, most: Int) throws {
    let targets = (0..<4_096 as Range<UInt32>).map { Endpoint(address: .v4(0x0AC8_0000 + $0), port: 9_100) }
    let traits = targets.map { target in
      (target, Traits(exporter: "node_exporter", names: hasNames ? ["nodename": "server-\(target.address)"] : [:]))
    }
    let groups = TargetGroup.groups(
      of: Dictionary(uniqueKeysWithValues: traits), job: "node", labels: [:], groupBy: 24)
    let count = format.render(groups, keptFor: "node").count / targets.count
    #expect(count <= most && count > most * 3 / 4)
  }

  private func groups() throws -> [TargetGroup] {
    try Samples.groups(
      ["10.0.2.10:9100", "10.0.2.9:9100", "[fd00:1::a]:9100"], labels: ["env": "prod", "y": "a\"b\\c\n"])
  }

  private func text(_ groups: [TargetGroup], _ format: TargetFileFormat, job: String? = nil) -> String {
    String(decoding: format.render(groups, keptFor: job), as: UTF8.self)
  }

  @Test
  func writesYAML() throws {
    #expect(
      text(try groups(), .yaml, job: "node") == #"""
        # Written by subnet-sd for job "node"; edits are overwritten.
        - targets:
          - "10.0.2.9:9100"
          - "10.0.2.10:9100"
          labels:
            "__meta_subnet_sd_exporter": "node_exporter"
            "__meta_subnet_sd_job": "node"
            "__meta_subnet_sd_prefix": "10.0.2.0/24"
            "env": "prod"
            "y": "a\"b\\c\n"
        - targets:
          - "[fd00:1::a]:9100"
          labels:
            "__meta_subnet_sd_exporter": "node_exporter"
            "__meta_subnet_sd_job": "node"
            "__meta_subnet_sd_prefix": "fd00:1::/64"
            "env": "prod"
            "y": "a\"b\\c\n"

        """#)
  }

  @Test
  func writesJSON() throws {
    #expect(
      text(try groups(), .json, job: "node") == #"""
        [
          {
            "targets": [
              "10.0.2.9:9100",
              "10.0.2.10:9100"
            ],
            "labels": {
              "__meta_subnet_sd_exporter": "node_exporter",
              "__meta_subnet_sd_job": "node",
              "__meta_subnet_sd_prefix": "10.0.2.0/24",
              "env": "prod",
              "y": "a\"b\\c\n"
            }
          },
          {
            "targets": [
              "[fd00:1::a]:9100"
            ],
            "labels": {
              "__meta_subnet_sd_exporter": "node_exporter",
              "__meta_subnet_sd_job": "node",
              "__meta_subnet_sd_prefix": "fd00:1::/64",
              "env": "prod",
              "y": "a\"b\\c\n"
            }
          }
        ]

        """#)
  }

  @Test
  func saysThatThereAreNoTargets() {
    #expect(
      text([], .yaml, job: "node") == """
        # Written by subnet-sd for job "node"; edits are overwritten.
        []

        """)
    #expect(text([], .yaml) == "[]\n")
    #expect(text([], .json, job: "node") == "[]\n")
  }

  @Test
  func writesWhatIsEmptyAsEmpty() {
    let groups = [TargetGroup(targets: [], labels: [:])]
    #expect(text(groups, .yaml) == "- targets: []\n  labels: {}\n")
    #expect(
      text(groups, .json) == """
        [
          {
            "targets": [],
            "labels": {}
          }
        ]

        """)
  }

  /// A job's name ends no comment.
  @Test
  func keepsTheFirstLineOneLine() {
    #expect(
      text([], .yaml, job: "a\n- targets: [evil]\r\u{85}\u{2028}") == #"""
        # Written by subnet-sd for job "a\n- targets: [evil]\r\u0085\u2028"; edits are overwritten.
        []

        """#)
  }

  @Test(arguments: [
    ("", #""""#), ("plain text: # 'a' ~", #""plain text: # 'a' ~""#), ("\"", #""\"""#), ("\\", #""\\""#),
    ("\n\r\t", #""\n\r\t""#), ("\0\u{1b}\u{7f}", #""\u0000\u001b\u007f""#), ("\u{85}\u{9f}", #""\u0085\u009f""#),
    ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("\u{202e}\u{2066}", #""\u202e\u2066""#),
    ("\u{feff}", #""\ufeff""#), ("\u{ffff}", #""\uffff""#), ("Zürich 東京 🖨️", #""Zürich 東京 🖨️""#),
    ("e\u{301}\"\u{301}", "\"e\u{301}\\\"\u{301}\""), ("\r\n", #""\r\n""#),
  ])
  func quotes(value: String, quoted: String) {
    let groups = [TargetGroup(targets: [], labels: ["a": value])]
    #expect(text(groups, .yaml).utf8.elementsEqual("- targets: []\n  labels:\n    \"a\": \(quoted)\n".utf8))
    #expect(
      text(groups, .json).utf8.elementsEqual(
        """
        [
          {
            "targets": [],
            "labels": {
              "a": \(quoted)
            }
          }
        ]

        """.utf8))
  }

  @Test(arguments: [TargetFileFormat.yaml, .json])
  func sameTargetsYieldSameBytes(format: TargetFileFormat) throws {
    let targets = (1...50).map { "10.0.\($0 % 7).\($0):9100" }
    let labels = (1...20).map { ("label\($0)", "\($0)") }
    let renderings = try (0..<20).map { _ in
      format.render(
        try Samples.groups(targets.shuffled(), labels: Dictionary(uniqueKeysWithValues: labels.shuffled())))
    }
    #expect(Set(renderings).count == 1)
  }
}
