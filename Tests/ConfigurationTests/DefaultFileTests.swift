import Addressing
import Exporters
import Foundation
import Testing

@testable import Configuration

/// packaging/config.yml, which is installed as /etc/subnet-sd/config.yml.
private func defaultFile() throws -> String {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try String(contentsOf: root.appending(path: "packaging/config.yml"), encoding: .utf8)
}

/// The file with every key that it shows behind a '#' in force.
private func uncommented(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    let indentation = line.prefix { $0 == " " }
    let rest = line.dropFirst(indentation.count)
    let isKey = rest.hasPrefix("#") && rest.dropFirst().first?.isLetter == true
    return isKey ? String(indentation + rest.dropFirst()) : String(line)
  }.joined(separator: "\n")
}

@Test func theDefaultFileScansNothingButThisMachine() throws {
  let settings = try settings(try defaultFile())
  #expect(settings.jobs.map(\.name) == ["node"])
  #expect(settings.jobs[0].endpoints.addresses.spans.map(\.description) == ["127.0.0.1"])
}

@Test func theDefaultFileShowsTheDefaults() throws {
  #expect(try settings(uncommented(defaultFile())) == settings(defaultFile()))
}

@Test(arguments: Set(Section.allCases.filter { !$0.isOfWebConfig }.flatMap(\.keys)).sorted())
func theDefaultFileShows(key: String) throws {
  let text = uncommented(try defaultFile())
  #expect([" \(key): ", "{\(key): ", "\n\(key):"].contains(where: text.contains))
}

@Test func theDefaultFileFitsATerminal() throws {
  for line in try defaultFile().split(separator: "\n") { #expect(line.count <= 100) }
}

@Test func theExampleOfAnExporterSaysWhatNeedNotBeWritten() throws {
  let lines = try defaultFile().split(separator: "\n").drop { !$0.hasPrefix("# exporters:") }
  let example = lines.prefix { $0.hasPrefix("# ") }.map { $0.dropFirst(2) }.joined(separator: "\n")
  let settings = try settings(
    "\(example)\nscan_configs: [{job_name: node, ranges: [127.0.0.1], exporters: [my_app]}]")
  #expect(
    settings.jobs[0].exporters == [
      Exporter(
        "my_app", ports: [8080], proofs: ["my_app_build_info"], nodename: .init("nodename", of: "my_app_host_info"))
    ])
}

@Test(arguments: ["{ca_file: ", "basic_auth: ", "authorization: "])
func theExamplesOfSecurityCanBeTaken(start: String) throws {
  let line = try #require(try defaultFile().split(separator: "\n").first { $0.hasPrefix("    # \(start)") })
  let example = line.dropFirst(6)
  let key = example.hasPrefix("{") ? "tls_config: " : ""
  let settings = try settings("scan_configs: [{job_name: node, ranges: [127.0.0.1], \(key)\(example)}]")
  #expect(settings.jobs[0].tls != TLSSettings() || settings.jobs[0].credentials != nil)
}
