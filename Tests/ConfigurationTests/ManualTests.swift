import Exporters
import Support
import Testing

@testable import Configuration

extension Section {
  /// Where subnet-sd.yml(5) describes its keys.
  fileprivate var titles: [String] {
    switch self {
    case .file: ["Top level"]
    case .global: ["global", "global or a job"]
    case .web: ["web"]
    case .job: ["global or a job", "Job of scan_configs"]
    case .exporter: ["Entry of exporters"]
    case .tls: ["tls_config"]
    case .basicAuth: ["basic_auth"]
    case .authorization: ["authorization"]
    case .label: ["version and nodename of an exporter"]
    case .webFile: ["Top level of the web config file"]
    case .tlsServer: ["tls_server_config"]
    case .httpServer: ["http_server_config"]
    case .headers: ["headers"]
    }
  }

  /// A file that is right where `entry` is, which stands in a section of this kind.
  fileprivate func file(with entry: String) -> String {
    let job = "job_name: node, ranges: [127.0.0.1]"
    let exporter = "name: my_app, proofs: [my_app_build_info]"
    return switch self {
    case .file: "{scan_configs: [{\(job)}], \(entry)}"
    case .global: "{global: {\(entry)}, scan_configs: [{\(job)}]}"
    case .web: "{web: {\(entry)}, scan_configs: [{\(job)}]}"
    case .job: "{scan_configs: [{\(job), \(entry)}]}"
    case .exporter: "{exporters: [{\(exporter), \(entry)}], scan_configs: [{\(job)}]}"
    case .tls: "{scan_configs: [{\(job), tls_config: {\(entry)}}]}"
    case .basicAuth: "{scan_configs: [{\(job), basic_auth: {username: a, password_file: b, \(entry)}}]}"
    case .authorization: "{scan_configs: [{\(job), authorization: {credentials_file: a, \(entry)}}]}"
    case .label: "{exporters: [{\(exporter), version: {family: a, label: b, \(entry)}}], scan_configs: [{\(job)}]}"
    case .webFile: "{\(entry)}"
    case .tlsServer: "{tls_server_config: {cert_file: a, key_file: b, \(entry)}}"
    case .httpServer: "{http_server_config: {\(entry)}}"
    case .headers: "{http_server_config: {headers: {\(entry)}}}"
    }
  }

  fileprivate func messages(for entry: String) -> String {
    let text = file(with: entry).utf8
    return isOfWebConfig ? webMessages(for: text) : ConfigurationTests.messages(for: text)
  }
}

/// subnet-sd.yml(5) says what the configuration takes.
@Suite struct Manual {
  private let page: ManualPage

  init() throws { page = try ManualPage("subnet-sd.yml.5") }

  private func items(of section: Section) -> [(key: String, item: ManualPage.Item)] {
    page.items.filter {
      ["CONFIGURATION", "WEB CONFIG FILE"].contains($0.section) && section.titles.contains($0.subsection)
    }
    .compactMap { item in item.words("Ic").first.map { ($0, item) } }
  }

  @Test(arguments: Section.allCases)
  func hasEachKeyOnce(of section: Section) {
    let keys = items(of: section).map(\.key)
    #expect(Set(section.keys).subtracting(keys) == [], "not in the page")
    #expect(Set(keys).subtracting(section.keys) == [], "not in the program")
    #expect(keys.count == Set(keys).count)
  }

  @Test func hasNoOtherSection() {
    let titles = Set(Section.allCases.flatMap(\.titles))
    let keys = page.items.filter { !$0.words("Ic").isEmpty }
    #expect(Set(keys.map(\.subsection)).subtracting(titles) == [])
  }

  @Test(arguments: Section.allCases)
  func tellsWhatIsRequired(of section: Section) {
    let told = items(of: section).filter { $0.item.text.contains("Required.") }.map(\.key)
    #expect(Set(told) == Set(section == .file ? ["scan_configs"] : section.requiredKeys))
  }

  /// A key with its default changes nothing.
  @Test(arguments: Section.allCases)
  func tellsTrueDefaults(of section: Section) throws {
    for (key, item) in items(of: section) {
      guard let value = item.defaultValue else { continue }
      let (with, without) = (section.file(with: "\(key): \(value)"), section.file(with: ""))
      if section.isOfWebConfig {
        #expect(try WebConfig(parsing: with) == WebConfig(parsing: without), "\(key): \(value)")
      } else {
        #expect(try settings(with) == settings(without), "\(key): \(value)")
      }
    }
  }

  /// Whoever gives a wrong value is told the bounds, and the words that may stand there.
  @Test(arguments: Section.allCases)
  func tellsTrueBounds(of section: Section) throws {
    for (key, item) in items(of: section) {
      let answers = section.messages(for: "\(key): x") + "\n" + section.messages(for: "\(key): [x]")
      #expect(Set(answers.bounds) == Set(item.text.bounds), "\(key)")
      let words = Set(item.words + item.lines.flatMap { $0.split(separator: " ").map(String.init) })
      #expect(Set(answers.choices).subtracting(words) == [], "\(key)")
    }
  }

  @Test func namesCipherSuitesAndCurves() {
    let suites = TLSServer.CipherSuite.allCases.map(\.rawValue)
    let listed = page.items.filter { $0.words.isEmpty && $0.subsection == "tls_server_config" }.map(\.text)
    #expect(Set(listed).symmetricDifference(suites.map { ".Li \($0)" }) == [])
    let curves = page.items.first { $0.words("Ic") == ["curve_preferences"] }?.text ?? ""
    for curve in TLSServer.Curve.allCases { #expect(curves.contains(" \(curve.rawValue)")) }
  }

  @Test func showsExamplesThatCanBeTaken() throws {
    let examples = page.examples
    try #require(examples.count >= 2)
    let settings = try Settings(parsing: Array(examples[0].utf8), file: "config.yml", catalogue: .builtIn)
    #expect(settings.jobs.count == 4)
    #expect(try WebConfig(parsing: examples[1]).users.count == 1)
  }
}

extension WebConfig {
  fileprivate init(parsing text: String) throws { try self.init(parsing: Array(text.utf8), file: "web.yml") }
}

extension ManualPage.Item {
  fileprivate var defaultValue: String? {
    let line = lines.first { $0.hasPrefix("Default: ") }
    return line?.dropFirst("Default: ".count).split(separator: ";").first.map(String.init)
  }
}

extension String {
  /// `from A to B`, each time.
  fileprivate var bounds: [String] {
    matches(of: /from ([^\s;,]+) to ([^\s;,]+)/).map { "\($0.1) to \($0.2)" }
  }

  /// The words of `write A, B or C`, each time.
  fileprivate var choices: [String] {
    matches(of: /is not a value of [^;]*; write (.*)/).flatMap { match in
      match.1.replacing(" or ", with: ", ").split(separator: ", ").map(String.init)
    }
  }
}
