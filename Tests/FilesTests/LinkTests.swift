import Foundation
import Glibc
import Support
import Testing

@testable import Files

/// Which links are followed on the way to a file.
struct LinkTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func read(_ path: String) throws(FileError) -> String? {
    try Location(of: path, .system).read(atMost: 100).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// A directory, and in it links to what lies beside it.
  private func makeLinks(mode: mode_t, owner: UInt32, linkOwner: UInt32) throws {
    try directory.make("shared")
    try directory.make("real")
    try directory.write("text", to: "real/file")
    try directory.link("shared/file", to: directory.path(of: "real/file"))
    try directory.link("shared/directory", to: "../real")
    for name in ["file", "directory"] {
      try #require(unsafe lchown(directory.path(of: "shared/\(name)"), linkOwner, 0) == 0)
    }
    try #require(unsafe chown(directory.path(of: "shared"), owner, 0) == 0)
    try #require(unsafe chmod(directory.path(of: "shared"), mode) == 0)
  }

  private static let isRoot: ConditionTrait = .enabled(if: geteuid() == 0, "only root may give links away")

  /// As the kernel's rule for links in /tmp has it, and in directories that a group may write to, too.
  @Test(
    Self.isRoot,
    arguments: [
      (0o1777, 0, 1_000), (0o1777, 1_001, 1_000), (0o1775, 0, 1_000), (0o1773, 0, 1_000), (0o3770, 0, 1_000),
      // All users that a user namespace does not have bear one number.
      (0o1777, 65_534, 65_534),
    ] as [(mode_t, UInt32, UInt32)], ["file", "directory/file", "directory/../real/file"])
  func followsNoLinkOfAnother(place: (mode: mode_t, owner: UInt32, linkOwner: UInt32), way: String) throws {
    try makeLinks(mode: place.mode, owner: place.owner, linkOwner: place.linkOwner)
    let path = directory.path(of: "shared/\(way)")
    #expect(throws: FileError.linkOfAnother(path: path, owner: place.linkOwner)) { try read(path) }
    // A link of ours that leads there does not help, nor does one from elsewhere.
    try directory.link("elsewhere", to: "shared/\(way)")
    #expect(throws: FileError.linkOfAnother(path: path, owner: place.linkOwner)) {
      try read(directory.path(of: "elsewhere"))
    }
    #expect(try directory.openDescriptors.isEmpty)
  }

  @Test(
    Self.isRoot,
    arguments: [
      (0o1777, 1_000, 0), (0o1777, 1_000, 1_000), (0o1755, 0, 1_000), (0o777, 0, 1_000), (0o755, 1_001, 1_000),
    ] as [(mode_t, UInt32, UInt32)], ["file", "directory/file", "directory/../real/file"])
  func followsLinksOfItsUserAndOfTheOwner(place: (mode: mode_t, owner: UInt32, linkOwner: UInt32), way: String) throws {
    try makeLinks(mode: place.mode, owner: place.owner, linkOwner: place.linkOwner)
    #expect(try read(directory.path(of: "shared/\(way)")) == "text")
    #expect(try directory.openDescriptors.isEmpty)
  }

  @Test(arguments: ["a/../b/file", "a//./../b/file", "c/file", "c/../b/file", "a/up/b/file", "root/../../../../file"])
  func goesWhereTheKernelGoes(way: String) throws {
    for name in ["a", "b"] { try directory.make(name) }
    for name in ["b/file", "file"] { try directory.write(name, to: name) }
    try directory.link("c", to: directory.path(of: "b//"))
    try directory.link("a/up", to: "../../\(directory.path.split(separator: "/").last ?? "")/.")
    let depth = directory.path.split(separator: "/").count
    try directory.link("root", to: "/")
    let back = String(repeating: "/..", count: depth) + directory.path(of: "file")
    let way = way.replacing("/../../../../file", with: back)
    let path = directory.path(of: way)
    #expect(try read(path) == FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) })
    let resolved = try Location(of: path, .system).path
    #expect(!resolved.contains("..") && !resolved.contains("//"))
    #expect(FileManager.default.contentsEqual(atPath: resolved, andPath: path))
  }

  /// What a shell hands over as `<(command)`, or as a file that is open.
  @Test func readsThroughLinksOfProcfs() throws {
    try directory.write("text", to: "file")
    let file = Descriptor(owning: unsafe open(directory.path(of: "file"), O_RDONLY | O_CLOEXEC))
    let place = Descriptor(owning: unsafe open(directory.path, O_RDONLY | O_CLOEXEC))
    #expect(try read("/proc/self/fd/\(file.number)") == "text")
    #expect(try read("/dev/fd/\(file.number)") == "text")
    #expect(try read("/proc/self/fd/\(place.number)/file") == "text")
    try directory.remove("file")
    #expect(try read("/proc/self/fd/\(file.number)") == "text", "it is still open")

    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    // So that no child of another test keeps it open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let reader = Descriptor(owning: ends[0])
    let writer = ends[1]
    let path = "/proc/self/fd/\(reader.number)"
    #expect(throws: FileError.notAFile(path: path)) { try read(path) }
    #expect(unsafe write(writer, "text", 4) == 4)
    close(writer)
    #expect(try Location(of: path, .system).readAnything(atMost: 100) == Array("text".utf8))
    #expect(throws: FileError.self) {
      try Location(of: "/proc/self/fd/\(place.number)", .system).replace(nil, with: [], mode: 0o600, atMost: 1)
    }
  }

  /// As /etc/ssl/private is for those who may use the keys in it.
  @Test(.enabled(if: geteuid() != 0, "root may search every directory"))
  func readsWhereItMayOnlySearch() throws {
    try directory.make("private")
    try directory.write("key", to: "private/key")
    let path = directory.path(of: "private")
    #expect(unsafe chmod(path, 0o100) == 0)
    defer { unsafe chmod(path, 0o700) }
    #expect(try read(directory.path(of: "private/key")) == "key")
  }

  @Test func refusesWhatIsNoName() {
    for path in ["", "/", ".", "..", "a/.", "/tmp/"] {
      #expect(throws: FileError.self) { try read(path) }
    }
    #expect(throws: FileError.self) { try read("a\0b") }
  }

  /// A name that a replacement of its bytes would lead elsewhere.
  @Test func followsNoLinkWhoseTextIsNoUTF8() throws {
    try directory.make("\u{fffd}")
    try directory.write("text", to: "\u{fffd}/file")
    let path = directory.path(of: "link")
    try #require(unsafe symlink([CChar(bitPattern: 0xFF), 0], path) == 0)
    for way in [path, "\(path)/file"] {
      #expect(throws: FileError.failed(.follow, path: way, errno: EILSEQ)) { try read(way) }
    }
    #expect(try directory.openDescriptors.isEmpty)
  }

  @Test func callsADirectoryByItsOwnPath() throws {
    try directory.write("text", to: "file")
    let path = directory.path(of: "file")
    for text in [path, "\(path)/"] {
      #expect(throws: FileError.failed(.openDirectory, path: path, errno: ENOTDIR)) { _ = try Directory(at: text) }
    }
    let missing = directory.path(of: "missing")
    #expect(throws: FileError.failed(.openDirectory, path: missing, errno: ENOENT)) { _ = try Directory(at: missing) }
    for root in ["/", "//"] { #expect(throws: FileError.failed(.inspect, path: "/", errno: EISDIR)) { try read(root) } }
  }

  @Test(Self.isRoot) func callsADirectoryBehindALinkByItsOwnPath() throws {
    try makeLinks(mode: 0o1777, owner: 0, linkOwner: 1_000)
    let path = directory.path(of: "shared/directory")
    #expect(throws: FileError.linkOfAnother(path: path, owner: 1_000)) { _ = try Directory(at: path) }
  }
}
