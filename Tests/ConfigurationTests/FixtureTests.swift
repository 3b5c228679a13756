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

/// Every `NAME.yml` in Fixtures is wrong; `NAME.txt` beside it is all that is said about it.
private let fixtures: [String] = {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  return (files ?? []).map(\.path).filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
}()

@Test func fixturesAreThere() {
  #expect(fixtures.count >= 65)
}

@Test(arguments: fixtures)
func saysAllThatIsWrong(with fixture: String) throws {
  let text = try Data(contentsOf: URL(filePath: "\(fixture).yml"))
  let expected = try String(contentsOf: URL(filePath: "\(fixture).txt"), encoding: .utf8)
  #expect(messages(for: text) + "\n" == expected)
}
