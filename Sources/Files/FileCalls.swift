internal import CLinux
internal import Glibc

/// The number by which a system call says why it failed.
package struct Errno: Error, Hashable, Sendable {
  package let code: Int32

  package init(_ code: Int32) {
    self.code = code
  }
}

/// The system calls of a way to a file and of its replacement, one closure each, so that a test can make any of them
/// fail.
///
/// Names are relative to the directory whose descriptor comes first, and are one name, never a path.
package struct FileCalls: Sendable {
  /// What a name stands for, a symbolic link itself unless `followsLink`; nil if there is no such name.
  package var lookUp: @Sendable (_ directory: Int32, _ name: String, _ followsLink: Bool) throws(Errno) -> FoundEntry?
  /// Where a symbolic link leads; nil for one of procfs, which only the kernel can follow.
  package var readLink: @Sendable (_ link: Int32) throws(Errno) -> String?
  /// A directory, which was only looked up, for reading.
  package var openDirectory: @Sendable (_ directory: Int32) throws(Errno) -> Int32
  /// Whether this process may make and remove files in the directory.
  package var checkWritable: @Sendable (_ directory: Int32) throws(Errno) -> Void
  /// Nil if there is no such name; a symbolic link is not followed.
  package var inspect: @Sendable (_ directory: Int32, _ name: String) throws(Errno) -> FileStatus?
  package var open: @Sendable (_ directory: Int32, _ name: String, _ manner: Opening) throws(Errno) -> Int32
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

/// How a file is opened for reading. By default neither a link is followed nor anything waited for: a pipe put in the
/// file's place may not stop the daemon.
package struct Opening: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let followingLink = Opening(rawValue: 1)
  /// Until a pipe has a writer, and bytes.
  package static let waiting = Opening(rawValue: 2)

  fileprivate var flags: Int32 {
    // A terminal may not become the daemon's.
    let common = O_RDONLY | O_NOCTTY | O_CLOEXEC
    return common | (contains(.followingLink) ? 0 : O_NOFOLLOW) | (contains(.waiting) ? 0 : O_NONBLOCK)
  }
}

/// A name that was looked up: a descriptor that names it without opening it, to be closed, and what is known of it.
package struct FoundEntry: Sendable {
  package var descriptor: Int32
  package var status: FileStatus
}

/// What is known of a file without opening it.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case file, directory, link, other }

  package var kind: Kind
  package var size: Int64
  package var owner: UInt32
  package var group: UInt32
  /// The permission bits, with the sticky bit.
  package var mode: UInt32

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
    (size, owner, group) = (Int64(status.st_size), status.st_uid, status.st_gid)
    mode = status.st_mode & 0o7777
  }
}

extension FileCalls {
  /// The calls of the system.
  package static let system = FileCalls(
    lookUp: { directory, name, followsLink throws(Errno) in
      let number = unsafe path_open(directory, name, followsLink ? 1 : 0)
      guard number >= 0 else {
        if errno == ENOENT { return nil }
        throw Errno(errno)
      }
      var status = stat()
      guard unsafe fstat(number, &status) == 0 else {
        let code = errno
        Glibc.close(number)
        throw Errno(code)
      }
      return FoundEntry(descriptor: number, status: FileStatus(status))
    },
    readLink: { link throws(Errno) in try systemReadLink(link) },
    openDirectory: { directory throws(Errno) in
      try checked(unsafe openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    },
    checkWritable: { directory throws(Errno) in
      _ = try checked(unsafe faccessat(directory, ".", W_OK | X_OK, AT_EACCESS))
    },
    inspect: { directory, name throws(Errno) in try systemInspect(directory, name) },
    open: { directory, name, manner throws(Errno) in try checked(unsafe openat(directory, name, manner.flags)) },
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

  private static func systemReadLink(_ link: Int32) throws(Errno) -> String? {
    if path_is_of_procfs(link) != 0 { return nil }
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = try checked(unsafe readlinkat(link, "", &bytes, bytes.count))
    guard length < bytes.count else { throw Errno(ENAMETOOLONG) }
    // With replaced bytes it would be the name of something else.
    guard let text = String(validating: bytes[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self) else {
      throw Errno(EILSEQ)
    }
    return text
  }

  private static func systemInspect(_ directory: Int32, _ name: String) throws(Errno) -> FileStatus? {
    var status = stat()
    guard unsafe fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw Errno(errno)
    }
    return FileStatus(status)
  }
}
