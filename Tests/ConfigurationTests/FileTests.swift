import Configuration
import Foundation
import Glibc
import Testing

private func read(_ path: String) throws(ConfigurationError) -> Settings {
  try Settings(readingFile: path, catalogue: catalogue)
}

private func refusal(_ path: String) -> String {
  do throws(ConfigurationError) {
    _ = try read(path)
    return ""
  } catch {
    return "\(error)"
  }
}

/// Runs `body` with a path at which nothing is yet.
private func withPath(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "subnet-sd-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.appending(path: "config.yml").path)
}

@Test func readsAFile() throws {
  try withPath { path in
    let text = "scan_configs: [{job_name: node, ranges: [10.0.0.1]}]\n"
    // Longer than one read, exactly as long as is allowed.
    let padding = String(repeating: "#", count: ConfigurationError.maxBytes - text.utf8.count)
    try (text + padding).write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try read(path).jobs.map(\.name) == ["node"])

    try (text + padding + "#").write(toFile: path, atomically: false, encoding: .utf8)
    #expect(refusal(path) == "cannot read '\(path)': it has more than 1048576 bytes")
  }
}

@Test func placesMistakesInTheFileAsItIsNamed() throws {
  try withPath { path in
    try "scan_configs: []\n".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(refusal(path) == "\(path):1:15: 'scan_configs' is empty; it needs at least one job")
  }
}

@Test func saysThatThereIsNoFile() throws {
  try withPath { path in
    #expect(refusal(path) == "cannot read '\(path)': there is no such file")
    #expect(throws: ConfigurationError.unreadable(path: path, errno: ENOENT)) { try read(path) }
  }
}

@Test func saysThatItIsADirectory() throws {
  #expect(refusal("/etc") == "cannot read '/etc': it is a directory; name the file in it")
  #expect(throws: ConfigurationError.unreadable(path: "/etc", errno: EISDIR)) { try read("/etc") }
}

@Test func saysThatItMayNotReadTheFile() {
  // Whether a file can be read depends on who runs the tests; the sentence does not.
  #expect(
    "\(ConfigurationError.unreadable(path: "config.yml", errno: EACCES))"
      == "cannot read 'config.yml': permission denied; let the user that runs this read it")
}

@Test func keepsTheReasonOfTheSystem() {
  let path = "/etc/passwd/config.yml"
  #expect(refusal(path) == "cannot read '\(path)': Not a directory")
}

@Test func doesNotReadOnForEver() {
  #expect(refusal("/dev/zero") == "cannot read '/dev/zero': it has more than 1048576 bytes")
}
