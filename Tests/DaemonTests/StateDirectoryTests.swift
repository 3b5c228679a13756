import Glibc
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

@Test func theRuntimeDirectoryIsForTheUserAndTheGroup() throws {
  let temporary = try TemporaryDirectory()
  for name in ["run", "run", "slash///"] {
    #expect(RuntimeDirectory(option: temporary.path(of: name), environment: nil).create() == nil)
  }
  #expect(try temporary.names() == ["run", "slash"])
  #expect(try temporary.mode(of: "slash") == 0o750)
  #expect(RuntimeDirectory(option: "/", environment: nil).create() == nil)
  let path = temporary.path(of: "a/b")
  #expect(
    RuntimeDirectory(option: path, environment: nil).create()
      == "cannot make '\(path)': No such file or directory; give another --runtime-directory")
}

@Test(.enabled(if: geteuid() == 0, "only root may give links away"))
func isNotMadeWhereALinkOfAnotherLeads() throws {
  let temporary = try TemporaryDirectory()
  for name in ["shared", "outside"] { try temporary.make(name) }
  try temporary.link("shared/link", to: "../outside")
  #expect(
    unsafe chmod(temporary.path(of: "shared"), 0o1777) == 0
      && lchown(temporary.path(of: "shared/link"), 12_345, 12_345) == 0)
  StateDirectory(option: temporary.path(of: "shared/link/state"), environment: nil).create()
  StateDirectory(option: temporary.path(of: "shared/link"), environment: nil).create()
  #expect(RuntimeDirectory(option: temporary.path(of: "shared/link/run"), environment: nil).create() != nil)
  #expect(try temporary.names(in: "outside") == [])
}

/// What is wrong shows when a file is to be written.
@Test func aDirectoryThatCannotBeMadeIsNoFailureYet() {
  StateDirectory(option: "/proc/nowhere", environment: nil).create()
}
