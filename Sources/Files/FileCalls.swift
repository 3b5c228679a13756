internal import Glibc

/// The number by which a system call says why it failed.
package struct Errno: Error, Hashable, Sendable {
  package let code: Int32

  package init(_ code: Int32) {
    self.code = code
  }
}

/// The system calls of a replacement, one closure each, so that a test can make any of them fail.
///
/// Names are relative to the directory whose descriptor comes first; none follows a symbolic link.
package struct FileCalls: Sendable {
  /// Where a symbolic link leads; nil if `path` is none, or is not there.
  package var readLink: @Sendable (_ path: String) throws(Errno) -> String?
  package var openDirectory: @Sendable (_ path: String) throws(Errno) -> Int32
  /// Whether this process may make and remove files in the directory.
  package var checkWritable: @Sendable (_ directory: Int32) throws(Errno) -> Void
  /// Nil if there is no such name.
  package var inspect: @Sendable (_ directory: Int32, _ name: String) throws(Errno) -> FileStatus?
  package var open: @Sendable (_ directory: Int32, _ name: String) throws(Errno) -> Int32
  /// At most `count` bytes; none at the end.
  package var read: @Sendable (_ file: Int32, _ count: Int) throws(Errno) -> [UInt8]
  /// Fails if the name is taken.
  package var create: @Sendable (_ directory: Int32, _ name: String) throws(Errno) -> Int32
  /// How many bytes were written at a place in the file, perhaps fewer than given.
  package var write: @Sendable (_ file: Int32, _ bytes: ArraySlice<UInt8>, _ offset: Int) throws(Errno) -> Int
  package var changeOwner: @Sendable (_ file: Int32, _ owner: UInt32) throws(Errno) -> Void
  package var changeGroup: @Sendable (_ file: Int32, _ group: UInt32) throws(Errno) -> Void
  package var changeMode: @Sendable (_ file: Int32, _ mode: UInt32) throws(Errno) -> Void
  /// Of a file or a directory.
  package var sync: @Sendable (_ descriptor: Int32) throws(Errno) -> Void
  package var close: @Sendable (_ file: Int32) throws(Errno) -> Void
  package var rename: @Sendable (_ directory: Int32, _ old: String, _ new: String) throws(Errno) -> Void
  package var remove: @Sendable (_ directory: Int32, _ name: String) throws(Errno) -> Void
}

/// What is known of a file without opening it.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case file, directory, other }

  package var kind: Kind
  package var size: Int64
  package var owner: UInt32
  package var group: UInt32
  /// The permission bits.
  package var mode: UInt32
}

extension FileCalls {
  /// The calls of the system.
  package static let system = FileCalls(
    readLink: { path throws(Errno) in try systemReadLink(path) },
    openDirectory: { path throws(Errno) in
      try checked(unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    },
    checkWritable: { directory throws(Errno) in
      _ = try checked(unsafe faccessat(directory, ".", W_OK | X_OK, AT_EACCESS))
    },
    inspect: { directory, name throws(Errno) in try systemInspect(directory, name) },
    open: { directory, name throws(Errno) in
      // A pipe or a terminal put in the file's place may neither stop the daemon nor become its terminal.
      try checked(unsafe openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC))
    },
    read: { file, count throws(Errno) in
      var bytes = [UInt8](repeating: 0, count: count)
      let length = try checked(unsafe Glibc.read(file, &bytes, count))
      bytes.removeLast(count - length)
      return bytes
    },
    create: { directory, name throws(Errno) in
      try checked(unsafe openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
    },
    write: { file, bytes, offset throws(Errno) in
      try checked(unsafe bytes.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, off_t(offset)) })
    },
    changeOwner: { file, owner throws(Errno) in _ = try checked(fchown(file, owner, .max)) },
    changeGroup: { file, group throws(Errno) in _ = try checked(fchown(file, .max, group)) },
    changeMode: { file, mode throws(Errno) in _ = try checked(fchmod(file, mode)) },
    sync: { descriptor throws(Errno) in _ = try checked(fsync(descriptor)) },
    close: { file throws(Errno) in _ = try checked(Glibc.close(file)) },
    rename: { directory, old, new throws(Errno) in
      _ = try checked(unsafe renameat(directory, old, directory, new))
    },
    remove: { directory, name throws(Errno) in _ = try checked(unsafe unlinkat(directory, name, 0)) })

  private static func checked<Result: SignedInteger>(_ result: Result) throws(Errno) -> Result {
    guard result >= 0 else { throw Errno(errno) }
    return result
  }

  private static func systemReadLink(_ path: String) throws(Errno) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink(path, &bytes, bytes.count)
    guard length >= 0 else {
      // What is wrong with the directory, opening it says better.
      if [EINVAL, ENOENT, ENOTDIR].contains(errno) { return nil }
      throw Errno(errno)
    }
    guard length < bytes.count else { throw Errno(ENAMETOOLONG) }
    return String(decoding: bytes[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func systemInspect(_ directory: Int32, _ name: String) throws(Errno) -> FileStatus? {
    var status = stat()
    guard unsafe fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw Errno(errno)
    }
    let kind: FileStatus.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      default: .other
      }
    return FileStatus(
      kind: kind, size: Int64(status.st_size), owner: status.st_uid, group: status.st_gid,
      mode: status.st_mode & 0o7777)
  }
}
