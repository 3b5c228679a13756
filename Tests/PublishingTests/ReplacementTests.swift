import Foundation
import Files
import Glibc
import Publishing
import Support
import Testing

struct ReplacementTests {
  private let directory: TemporaryDirectory
  private let old: [TargetGroup]
  private let new: [TargetGroup]

  init() throws {
    directory = try TemporaryDirectory()
    old = try Samples.groups(["10.0.1.1:9100", "10.0.1.2:9100"])
    new = try Samples.groups(["10.0.1.2:9100", "10.0.1.3:9100"])
  }

  private func replace(_ name: String, mode: UInt32 = 0o644, calls: FileCalls = .system) throws -> Replacement {
    let file = try Samples.file(directory.path(of: name), mode: mode, calls: calls)
    return try file.replace(with: new, within: try Samples.endpoints())
  }

  @Test(arguments: ["sd.yml", "sd.YAML", "sd.json"])
  func writesTheFormatOfTheName(name: String) throws {
    #expect(try replace(name) == .replaced)
    let format = try #require(TargetFileFormat(path: name))
    #expect(directory.bytes(of: name) == Samples.bytes(new, in: format))
    #expect(try directory.names() == [name])
  }

  @Test
  func putsTheNewFileInPlaceOfTheOld() throws {
    try directory.write(Samples.bytes(old), to: "sd.yml")
    let inode = try directory.attribute(.systemFileNumber, of: "sd.yml")
    #expect(try replace("sd.yml") == .replaced)
    #expect(directory.bytes(of: "sd.yml") == Samples.bytes(new))
    #expect(try directory.attribute(.systemFileNumber, of: "sd.yml") != inode)
    #expect(try replace("sd.yml") == .unchanged)
  }

  @Test
  func saysThatThereAreNoTargetsLeft() throws {
    try directory.write(Samples.bytes(old), to: "sd.yml")
    let file = try Samples.file(directory.path(of: "sd.yml"))
    #expect(try file.replace(with: [], within: Samples.endpoints()) == .replaced)
    #expect(directory.text(of: "sd.yml")?.hasSuffix("\n[]\n") == true)
  }

  /// Prometheus reads every file again on any event in the directory but a chmod.
  @Test
  func touchesNothingWhereNothingChanged() throws {
    try directory.write(Samples.bytes(new), to: "sd.yml")
    let before = try directory.attribute(.systemFileNumber, of: "sd.yml")
    let events = try DirectoryEvents(directory.path)
    #expect(try replace("sd.yml") == .unchanged)
    #expect(events.names() == [])
    #expect(try directory.attribute(.systemFileNumber, of: "sd.yml") == before)

    try directory.write(Samples.bytes(old), to: "sd.yml")
    _ = events.names()
    #expect(try replace("sd.yml") == .replaced)
    #expect(Set(events.names()).contains("sd.yml"))
  }

  /// Prometheus' glob matches dot files: what ends otherwise than a target file is never read.
  @Test
  func writesToATemporaryFileBesideIt() throws {
    let events = try DirectoryEvents(directory.path)
    #expect(try replace("sd.yml") == .replaced)
    let others = Set(events.names()).subtracting(["sd.yml"])
    #expect(others.count == 1)
    #expect(try #require(others.first).wholeMatch(of: /\.sd\.yml\.[a-zA-Z0-9]{6}\.tmp/) != nil)
  }

  @Test(arguments: [0o644, 0o600, 0o640, 0o666])
  func hasTheModeAskedForWhateverTheUmask(mode: UInt32) throws {
    #expect(try replace("sd.yml", mode: mode) == .replaced)
    #expect(try directory.mode(of: "sd.yml") == Int(mode))
  }

  @Test
  func mendsTheModeOfAFileThatIsUnchanged() throws {
    #expect(try replace("sd.yml", mode: 0o600) == .replaced)
    #expect(try replace("sd.yml", mode: 0o644) == .unchanged)
    #expect(try directory.mode(of: "sd.yml") == 0o644)
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give files away"))
  func keepsOwnerAndGroup() throws {
    try directory.write(Samples.bytes(old), to: "sd.yml")
    try FileManager.default.setAttributes(
      [.ownerAccountID: 12_345, .groupOwnerAccountID: 54_321], ofItemAtPath: directory.path(of: "sd.yml"))
    #expect(try replace("sd.yml", mode: 0o640) == .replaced)
    #expect(try directory.attribute(.ownerAccountID, of: "sd.yml") == 12_345)
    #expect(try directory.attribute(.groupOwnerAccountID, of: "sd.yml") == 54_321)
    #expect(try directory.mode(of: "sd.yml") == 0o640)
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give files away"))
  func goesOnWhereOwnerAndGroupMayNotBeKept() throws {
    try directory.write(Samples.bytes(old), to: "sd.yml")
    try FileManager.default.setAttributes(
      [.ownerAccountID: 12_345, .groupOwnerAccountID: 54_321], ofItemAtPath: directory.path(of: "sd.yml"))
    var calls = FileCalls.system
    calls.changeOwner = { _, _ throws(Errno) in throw Errno(EPERM) }
    #expect(try replace("sd.yml", calls: calls) == .replaced)
    #expect(try directory.attribute(.ownerAccountID, of: "sd.yml") == 0)
    #expect(try directory.attribute(.groupOwnerAccountID, of: "sd.yml") == 54_321)
  }

  // MARK: - What is too large

  /// A longer list would never be replaced again, as no longer one is read.
  @Test func writesNoMoreThanItReads() throws {
    try directory.write(Samples.bytes(old), to: "sd.yml")
    let file = try Samples.file(directory.path(of: "sd.yml"))
    func groups(_ length: Int) throws -> [TargetGroup] {
      try Samples.groups(["10.0.1.1:9100"], labels: ["x": String(repeating: "x", count: length)])
    }
    let rest = Int(PublishingError.maxSize) - Samples.bytes(try groups(0)).count
    let path = directory.path(of: "sd.yml")
    let error = #expect(throws: PublishingError.self) {
      try file.replace(with: try groups(rest + 1), within: try Samples.endpoints())
    }
    #expect(error == .file(.tooMuch(path: path, limit: 67_108_864)))
    #expect(
      error?.description
        == "the new list for '\(path)' has more than the 67108864 bytes that are read again, so it is not replaced; split"
        + " the job, or give it fewer or shorter labels")
    #expect(directory.bytes(of: "sd.yml") == Samples.bytes(old))
    #expect(try directory.names() == ["sd.yml"])
    let largest = try groups(rest)
    #expect(try file.replace(with: largest, within: try Samples.endpoints()) == .replaced)
    #expect(try file.replace(with: largest, within: try Samples.endpoints()) == .unchanged)
    #expect(try file.replace(with: new, within: try Samples.endpoints()) == .replaced)
  }

  // MARK: - Symbolic links

  @Test
  func followsAChainOfLinks() throws {
    try directory.make("a/b")
    try directory.make("c")
    try directory.write(Samples.bytes(old), to: "c/real.json")
    try directory.link("a/b/third", to: "../../c/real.json")
    try directory.link("a/second", to: "b/third")
    try directory.link("sd.yml", to: directory.path(of: "a/second"))
    #expect(try replace("sd.yml") == .replaced)
    #expect(directory.bytes(of: "c/real.json") == Samples.bytes(new))
    #expect(try directory.target(of: "sd.yml") == directory.path(of: "a/second"))
    #expect(try directory.target(of: "a/second") == "b/third")
    #expect(try directory.names(in: "c") == ["real.json"])
    #expect(try replace("sd.yml") == .unchanged)
  }

  @Test
  func makesTheFileThatADanglingLinkNames() throws {
    try directory.make("real")
    try directory.link("sd.yml", to: "real/sd.yml")
    #expect(try replace("sd.yml") == .replaced)
    #expect(directory.bytes(of: "real/sd.yml") == Samples.bytes(new))
    #expect(try directory.target(of: "sd.yml") == "real/sd.yml")
  }

  @Test
  func followsALinkedDirectory() throws {
    try directory.make("real")
    try directory.link("linked", to: "real")
    #expect(try replace("linked/sd.yml") == .replaced)
    #expect(directory.bytes(of: "real/sd.yml") == Samples.bytes(new))
  }

  @Test
  func refusesLinksInACircle() throws {
    try directory.link("sd.yml", to: "other.yml")
    try directory.link("other.yml", to: "sd.yml")
    let error = #expect(throws: PublishingError.self) { try replace("sd.yml") }
    guard case .file(.failed(.follow, _, ELOOP)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try directory.names() == ["other.yml", "sd.yml"])
  }

  @Test(arguments: [40, 41])
  func followsAsManyLinksAsTheKernel(count: Int) throws {
    for number in 1..<count { try directory.link("\(number).yml", to: "\(number + 1).yml") }
    try directory.link("\(count).yml", to: "end.yml")
    let result = Result { try replace("1.yml") }
    #expect((try? result.get()) == (count == 40 ? .replaced : nil))
    #expect((directory.bytes(of: "end.yml") != nil) == (count == 40))
  }

  // MARK: - What is not a file

  /// As root, a rename over /dev/null would be a disaster; a pipe would block the daemon.
  @Test func leavesAloneWhatIsNotAFile() throws {
    #expect(unsafe mkfifo(directory.path(of: "pipe.yml"), 0o600) == 0)
    try directory.link("sd.yml", to: "pipe.yml")
    #expect(throws: PublishingError.file(.notAFile(path: directory.path(of: "pipe.yml")))) { try replace("sd.yml") }
    #expect(try directory.names() == ["pipe.yml", "sd.yml"])
  }

  /// Such as /etc/passwd, or a file that cron reads.
  @Test(arguments: ["/dev/null", "/proc/self/fd/1", "/etc/passwd", "old.txt", "new.txt"])
  func leavesAloneWhatPrometheusWouldNotRead(target: String) throws {
    try directory.write("mine", to: "old.txt")
    try directory.link("sd.yml", to: target)
    let error = #expect(throws: PublishingError.self) { try replace("sd.yml") }
    guard case .unreadName(directory.path(of: "sd.yml"), let path) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path.hasSuffix(target) || target.hasPrefix("/proc/"))
    #expect(throws: PublishingError.self) { try Samples.file(directory.path(of: "sd.yml")).check() }
    #expect(try directory.names() == ["old.txt", "sd.yml"])
    #expect(directory.text(of: "old.txt") == "mine")
  }

  @Test(arguments: ["directory.yml", "directory.yml/."])
  func refusesADirectory(target: String) throws {
    try directory.make("directory.yml")
    try directory.link("sd.yml", to: target)
    let path = directory.path(of: "directory.yml")
    #expect(throws: PublishingError.file(.failed(.inspect, path: path, errno: EISDIR))) { try replace("sd.yml") }
    #expect(try directory.names() == ["directory.yml", "sd.yml"])
  }

  @Test
  func refusesAMissingDirectory() throws {
    let path = directory.path(of: "missing/sd.yml")
    #expect(throws: PublishingError.file(.failed(.openDirectory, path: path, errno: ENOENT))) {
      try replace("missing/sd.yml")
    }
    #expect(try directory.names() == [])
  }

  @Test
  func refusesAFileForADirectory() throws {
    try directory.write("", to: "file")
    let path = directory.path(of: "file/sd.yml")
    #expect(throws: PublishingError.file(.failed(.openDirectory, path: path, errno: ENOTDIR))) {
      try replace("file/sd.yml")
    }
  }
}
