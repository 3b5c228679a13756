internal import Glibc

/// Why a file was not read or not replaced; `description` is the sentence to show.
package enum FileError: Error, Hashable, Sendable {
  /// A system call failed with `errno`; `path` is where the file's symbolic links end.
  case failed(Step, path: String, errno: Int32)
  /// Something other than a file stands at the path.
  case notAFile(path: String)
  case tooLarge(path: String, size: Int64, limit: Int64)
  /// What is to be written has more bytes than would be read again.
  case tooMuch(path: String, limit: Int64)
  /// A link that is not followed, as its owner is neither this process' user nor the owner of the directory, to which
  /// others may write.
  case linkOfAnother(path: String, owner: UInt32)

  /// What was tried.
  package enum Step: String, Hashable, Sendable, CaseIterable {
    case follow, openDirectory, checkDirectory, inspect, open, read
    case create, write, changeMode, sync, close, rename
    /// After the file was replaced.
    case syncDirectory
  }
}

extension FileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failed(let step, let path, let errno):
      Self.sentence(step, path: path, errno: errno)
    case .notAFile(let path):
      "'\(path)' is not a regular file, so it is not replaced; name another file"
    case .tooLarge(let path, let size, let limit):
      "'\(path)' has \(size) bytes, more than the \(limit) that are read, so it is not replaced;"
        + " move the file away"
    case .tooMuch(let path, let limit):
      "what is to be written to '\(path)' has more than the \(limit) bytes that are read again, so it is not replaced;"
        + " list fewer targets"
    case .linkOfAnother(let path, let owner):
      "'\(path)' leads through a symbolic link of user \(owner) in a directory that others may write to, so it is not"
        + " followed; make the link as the owner of the directory, or name a file elsewhere"
    }
  }

  /// As a system call would tell it: the kernel refuses a link of another user by EACCES.
  package var errno: Int32 {
    switch self {
    case .failed(_, _, let errno): errno
    case .notAFile: EINVAL
    case .tooLarge, .tooMuch: EFBIG
    case .linkOfAnother: EACCES
    }
  }

  private static func sentence(_ step: Step, path: String, errno: Int32) -> String {
    let reason = unsafe String(cString: strerror(errno))
    let what = "cannot \(step.phrase) '\(path)': \(reason)"
    guard let advice = advice(step, path: path, errno: errno) else { return what }
    return "\(what); \(advice)"
  }

  /// What to do about it, for the mistakes that are made with a unit, a container or a full disk.
  private static func advice(_ step: Step, path: String, errno: Int32) -> String? {
    let directory = Location.split(path).directory
    return switch errno {
    case EBUSY where step == .rename:
      "the file is a mount point of its own, as in a container; mount its directory '\(directory)' instead"
    case EROFS:
      "under systemd, add 'ReadWritePaths=\(directory)' to the unit"
    case EACCES where step == .open || step == .read:
      "let the user of the daemon read the file"
    case EACCES, EPERM:
      "let the user of the daemon read, write and search the directory '\(directory)'"
    case ENOENT where step == .openDirectory:
      "create the directory '\(directory)'"
    case ENOTDIR:
      "'\(directory)' is not a directory; name a file in one"
    case EISDIR:
      "name a file, not a directory"
    case ENOSPC, EDQUOT:
      "make room on the file system of '\(directory)'"
    case EFBIG:
      "raise the largest file size, under systemd 'LimitFSIZE='"
    case EMFILE, ENFILE:
      "raise the number of open files, under systemd 'LimitNOFILE='"
    case ENAMETOOLONG:
      "give the file a name of at most \(Location.maxNameLength) bytes"
    case ELOOP:
      "its symbolic links lead in a circle"
    case EIO:
      "look after the disk"
    default:
      nil
    }
  }
}

extension FileError.Step {
  fileprivate var phrase: String {
    switch self {
    case .follow: "look up"
    case .openDirectory: "open the directory of"
    case .checkDirectory: "write in the directory of"
    case .inspect: "look at"
    case .open: "open"
    case .read: "read"
    case .create: "create the new file for"
    case .write: "write the new file for"
    case .changeMode: "set the mode of the new file for"
    case .sync: "bring to disk the new file for"
    case .close: "close the new file for"
    case .rename: "replace"
    case .syncDirectory: "bring to disk the directory of"
    }
  }
}
