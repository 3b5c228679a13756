import Configuration
import Exporters
import Foundation
import Testing

let catalogue = Catalogue([
  Exporter("node_exporter", ports: [9100], proofs: ["node_exporter_build_info"]),
  Exporter("mysqld_exporter", ports: [9104], proofs: ["mysqld_exporter_build_info"]),
  Exporter("redis_exporter", ports: [9121], proofs: ["redis_exporter_build_info"]),
  Exporter("jvm", ports: [], proofs: ["jvm_info"]),
])

/// The messages that `text` gets, one a line; empty if it is valid.
func messages(for text: some Sequence<UInt8>) -> String {
  do throws(ConfigurationError) {
    _ = try Settings(parsing: Array(text), file: "config.yml", catalogue: catalogue)
    return ""
  } catch {
    return "\(error)"
  }
}

/// The messages that `text` gets as a web config file, one a line; empty if it is valid.
func webMessages(for text: some Sequence<UInt8>) -> String {
  do throws(ConfigurationError) {
    _ = try WebConfig(parsing: Array(text), file: "web.yml")
    return ""
  } catch {
    return "\(error)"
  }
}

/// Every `NAME.yml` in Fixtures, and in `web` there, is wrong; `NAME.txt` beside it is all that is said about it.
private let fixtures = names(in: "Fixtures")
private let webFixtures = names(in: "Fixtures/web")

private func names(in path: String) -> [String] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: path)
  let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  return (files ?? []).map(\.path).filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
}

@Test func fixturesAreThere() {
  #expect(fixtures.count >= 66)
  #expect(webFixtures.count >= 11)
}

@Test(arguments: fixtures)
func saysAllThatIsWrong(with fixture: String) throws {
  let text = try Data(contentsOf: URL(filePath: "\(fixture).yml"))
  let expected = try String(contentsOf: URL(filePath: "\(fixture).txt"), encoding: .utf8)
  #expect(messages(for: text) + "\n" == expected)
}

@Test(arguments: webFixtures)
func saysAllThatIsWrongWithAWebConfig(in fixture: String) throws {
  let text = try Data(contentsOf: URL(filePath: "\(fixture).yml"))
  let expected = try String(contentsOf: URL(filePath: "\(fixture).txt"), encoding: .utf8)
  #expect(webMessages(for: text) + "\n" == expected)
}
