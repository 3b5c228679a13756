import Addressing
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

@Test(arguments: Section.file.keys + Section.global.keys + Section.job.keys)
func theDefaultFileShows(key: String) throws {
  let text = uncommented(try defaultFile())
  #expect(text.contains(" \(key): ") || text.contains("\n\(key):"))
}

@Test func theDefaultFileFitsATerminal() throws {
  for line in try defaultFile().split(separator: "\n") { #expect(line.count <= 100) }
}
