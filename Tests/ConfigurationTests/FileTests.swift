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
  #expect(refusal("") == "cannot read '': there is no such file")
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

/// What a shell hands over as `<(command)`, as /dev/stdin or as a named pipe.
@Test func readsAPipe() throws {
  let text = Array("scan_configs: [{job_name: node, ranges: [10.0.0.1]}]\n".utf8)
  var ends: [Int32] = [0, 0]
  try #require(unsafe pipe(&ends) == 0)
  // So that no child of another test keeps it open.
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  #expect(unsafe write(ends[1], text, text.count) == text.count)
  close(ends[1])
  #expect(try read("/dev/fd/\(ends[0])").jobs.map(\.name) == ["node"])
  close(ends[0])
  try withPath { path in
    try #require(unsafe mkfifo(path, 0o600) == 0)
    let writer = Thread {
      // It waits for who reads.
      let descriptor = unsafe open(path, O_WRONLY)
      _ = unsafe write(descriptor, text, text.count)
      close(descriptor)
    }
    writer.start()
    #expect(try read(path).jobs.map(\.name) == ["node"])
  }
}

@Test(.enabled(if: geteuid() == 0, "only root may give links away"))
func readsThroughNoLinkOfAnother() throws {
  try withPath { path in
    let shared = path + ".d"
    try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: false)
    #expect(unsafe chmod(shared, 0o1777) == 0)
    try "password: secret\n".write(toFile: path, atomically: false, encoding: .utf8)
    let link = "\(shared)/config.yml"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    #expect(refusal(link).contains("'password'"))
    #expect(unsafe lchown(link, 12_345, 12_345) == 0)
    #expect(
      refusal(link)
        == "cannot read the configuration: '\(link)' leads through a symbolic link of user 12345 in a directory that"
        + " others may write to, so it is not followed; make the link as the owner of the directory, or name a file"
        + " elsewhere")
  }
}

@Test func doesNotReadOnForEver() {
  #expect(refusal("/dev/zero") == "cannot read '/dev/zero': it has more than 1048576 bytes")
}
