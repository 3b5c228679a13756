import Files
import Glibc
import Publishing
import Support
import Testing

struct CheckTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func check(_ name: String, calls: FileCalls = .system) throws {
    try Samples.file(directory.path(of: name), calls: calls).check()
  }

  private func expectFailure(_ step: FileError.Step, _ errno: Int32, of name: String, at path: String? = nil) {
    let path = directory.path(of: path ?? name)
    #expect(throws: PublishingError.file(.failed(step, path: path, errno: errno))) { try check(name) }
  }

  @Test
  func acceptsWhatCanBeReplaced() throws {
    try directory.make("real")
    try directory.link("dangling.yml", to: "real/sd.yml")
    try directory.write("", to: "present.yml")
    try directory.link("linked.yml", to: "present.yml")
    for name in ["absent.yml", "present.yml", "linked.yml", "dangling.yml"] { try check(name) }
    #expect(try directory.names() == ["dangling.yml", "linked.yml", "present.yml", "real"])
    #expect(try directory.names(in: "real") == [])
    #expect(try directory.openDescriptors.isEmpty)
  }

  @Test
  func refusesAMissingDirectory() throws {
    expectFailure(.openDirectory, ENOENT, of: "missing/sd.yml")
    try directory.link("dangling.yml", to: "missing/sd.yml")
    expectFailure(.openDirectory, ENOENT, of: "dangling.yml", at: "missing/sd.yml")
  }

  @Test
  func refusesAFileForADirectory() throws {
    try directory.write("", to: "file")
    expectFailure(.openDirectory, ENOTDIR, of: "file/sd.yml")
  }

  @Test
  func refusesADirectoryForAFile() throws {
    try directory.make("sd.yml")
    expectFailure(.inspect, EISDIR, of: "sd.yml")
  }

  @Test
  func refusesAPipe() throws {
    let path = directory.path(of: "sd.yml")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    #expect(throws: PublishingError.file(.notAFile(path: path))) { try check("sd.yml") }
  }

  @Test
  func refusesLinksInACircle() throws {
    try directory.link("sd.yml", to: "sd.yml")
    expectFailure(.follow, ELOOP, of: "sd.yml")
  }

  @Test
  func refusesANameTooLongForATemporaryOne() throws {
    let longest = String(repeating: "x", count: 243 - ".yml".count) + ".yml"
    try check(longest)
    let file = try Samples.file(directory.path(of: longest))
    #expect(try file.replace(with: [], within: Samples.endpoints()) == .replaced)
    expectFailure(.create, ENAMETOOLONG, of: "x" + longest)
  }

  @Test(
    .enabled(if: geteuid() != 0, "root may do all in every directory"),
    arguments: [(0o500, .checkDirectory), (0o600, .follow), (0o300, .openDirectory)]
      as [(mode_t, FileError.Step)])
  func refusesADirectoryThatIsNotOurs(mode: mode_t, step: FileError.Step) throws {
    try directory.make("shut")
    let path = directory.path(of: "shut")
    #expect(unsafe chmod(path, mode) == 0)
    defer { unsafe chmod(path, 0o700) }
    expectFailure(step, EACCES, of: "shut/sd.yml")
  }

  @Test(arguments: [EACCES, EROFS])
  func refusesWhatTheSystemRefuses(errno: Int32) {
    var calls = FileCalls.system
    calls.checkWritable = { _ throws(Errno) in throw Errno(errno) }
    let path = directory.path(of: "sd.yml")
    #expect(throws: PublishingError.file(.failed(.checkDirectory, path: path, errno: errno))) {
      try check("sd.yml", calls: calls)
    }
  }
}
