import Support
import Testing

@testable import Daemon

@Test(
  arguments: [
    (nil, nil, "/var/lib/subnet-sd"),
    (nil, "/var/lib/other", "/var/lib/other"),
    ("/srv", nil, "/srv"),
    ("/srv", "/var/lib/other", "/srv"),
    (nil, "/var/lib/a:/var/lib/b", "/var/lib/a"),
    (nil, "", "/var/lib/subnet-sd"),
    (nil, ":", "/var/lib/subnet-sd"),
    (nil, ":/var/lib/b", "/var/lib/b"),
  ] as [(String?, String?, String)])
func theOptionComesBeforeTheEnvironment(option: String?, environment: String?, path: String) {
  #expect(StateDirectory(option: option, environment: environment).path == path)
}

@Test(arguments: [
  ("a.yml", "/srv/file_sd/a.yml"), ("b/a.json", "/srv/file_sd/b/a.json"), ("/etc/a.yml", "/etc/a.yml"),
])
func relativeTargetFilesLieInFileSD(name: String, path: String) {
  #expect(StateDirectory(option: "/srv", environment: nil).targetFile(name) == path)
}

@Test func isMadeWithItsFileSD() throws {
  let temporary = try TemporaryDirectory()
  let state = StateDirectory(option: temporary.path(of: "state"), environment: nil)
  for _ in 0..<2 { state.create() }
  #expect(try temporary.names() == ["state"])
  #expect(try temporary.names(in: "state") == ["file_sd"])
}

/// What is wrong shows when a file is to be written.
@Test func aDirectoryThatCannotBeMadeIsNoFailureYet() {
  StateDirectory(option: "/proc/nowhere", environment: nil).create()
}
