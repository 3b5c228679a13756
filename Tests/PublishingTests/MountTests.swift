import Foundation
import Files
import Glibc
import Publishing
import Support
import Testing

/// Real file systems that are read-only, full, or mounted over the file itself.
@Suite(.enabled(if: Mount.isPermitted, "only root may mount"))
struct MountTests {
  private let directory: TemporaryDirectory
  private let old: [TargetGroup]
  private let new: [TargetGroup]

  init() throws {
    directory = try TemporaryDirectory()
    try directory.make("mnt")
    old = try Samples.groups(["10.0.1.1:9100"])
    new = try Samples.groups((1...9).flatMap { third in (1...99).map { "10.0.\(third).\($0):9100" } })
  }

  private func expectFailure(_ step: FileError.Step, _ errno: Int32) throws {
    let path = directory.path(of: "mnt/sd.yml")
    #expect(throws: PublishingError.file(.failed(step, path: path, errno: errno))) {
      try Samples.file(path).replace(with: new, within: try Samples.endpoints())
    }
    #expect(directory.bytes(of: "mnt/sd.yml") == Samples.bytes(old))
    #expect(try directory.names(in: "mnt").filter { $0.hasSuffix(".tmp") } == [])
  }

  @Test
  func keepsTheOldFileWhereTheDiskIsFull() throws {
    let mount = try Mount("-t", "tmpfs", "-o", "size=16k", "tmpfs", at: directory.path(of: "mnt"))
    try directory.write(Samples.bytes(old), to: "mnt/sd.yml")
    try expectFailure(.write, ENOSPC)
    mount.end()
  }

  @Test
  func keepsTheOldFileWhereTheFileSystemIsReadOnly() throws {
    let mount = try Mount("-t", "tmpfs", "tmpfs", at: directory.path(of: "mnt"))
    try directory.write(Samples.bytes(old), to: "mnt/sd.yml")
    try mount.run("mount", "-o", "remount,ro", directory.path(of: "mnt"))
    try expectFailure(.create, EROFS)
    #expect(
      throws: PublishingError.file(.failed(.checkDirectory, path: directory.path(of: "mnt/sd.yml"), errno: EROFS))
    ) {
      try Samples.file(directory.path(of: "mnt/sd.yml")).check()
    }
    mount.end()
  }

  @Test
  func knowsAFileThatIsMountedByItself() throws {
    try directory.write(Samples.bytes(old), to: "real.yml")
    try directory.write("", to: "mnt/sd.yml")
    let path = directory.path(of: "mnt/sd.yml")
    let mount = try Mount("--bind", directory.path(of: "real.yml"), at: path)
    try expectFailure(.rename, EBUSY)
    #expect(throws: PublishingError.file(.failed(.rename, path: path, errno: EBUSY))) { try Samples.file(path).check() }
    mount.end()
    try Samples.file(path).check()
  }
}

/// Something mounted for the length of a test.
final class Mount {
  private let path: String
  private var isMounted = true

  static let isPermitted: Bool = {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    guard let mount = try? Mount("-t", "tmpfs", "tmpfs", at: directory.path) else { return false }
    mount.end()
    return true
  }()

  init(_ arguments: String..., at path: String) throws {
    self.path = path
    try run(["mount"] + arguments + [path])
  }

  deinit {
    end()
  }

  func run(_ command: String...) throws {
    try run(command)
  }

  private func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  func end() {
    guard isMounted else { return }
    isMounted = false
    try? run(["umount", "-l", path])
  }
}
