internal import Glibc

/// The way along a path, from directory to directory by descriptors: what was checked is what is used, whatever others
/// rename meanwhile.
///
/// Symbolic links are followed one by one, where `mayFollow` permits; the last name is left for the caller, who finds
/// there no link, or one of procfs. systemd's chase() goes the same way.
struct Walk: ~Copyable {
  private let calls: FileCalls
  private(set) var directory: Descriptor
  private var status: FileStatus
  /// The names that led from the root, or from the working directory, to where it is; no links among them.
  private var passed: [String] = []
  private var isAbsolute: Bool
  /// The names that are ahead, the next one last.
  private var ahead: [String]
  private var links = 0
  /// Whether the last name is a link of procfs, which only the kernel can follow.
  private(set) var endsInProcfs = false

  /// As many links as the kernel follows (path_resolution(7)).
  private static let maxLinks = 40

  private init(from start: FoundEntry, along path: String, _ calls: FileCalls) {
    self.calls = calls
    directory = Descriptor(owning: start.descriptor)
    status = start.status
    isAbsolute = path.hasPrefix("/")
    ahead = Self.names(of: path).reversed()
  }

  /// Goes to the directory of the last name of `path`, which has to be one.
  static func along(_ path: String, _ calls: FileCalls) throws(FileError) -> Walk {
    guard !path.isEmpty else { throw .failed(.follow, path: path, errno: ENOENT) }
    guard !path.utf8.contains(0) else { throw .failed(.follow, path: path, errno: EINVAL) }
    var walk = Walk(from: try start(isAbsolute: path.hasPrefix("/"), of: path, calls), along: path, calls)
    while try !walk.isAtEnd() {}
    return walk
  }

  /// The last name; `.` where the path ends in a slash, or is the root.
  var name: String { ahead.last ?? "." }

  /// Hands the last directory over.
  consuming func finish() -> Descriptor { directory }

  /// The way as text, to the last name or what is missing of it; no links in what was passed.
  var text: String { text(passed + ahead.reversed()) }

  /// The same without the last name.
  var directoryText: String { passed.isEmpty && !isAbsolute ? "." : text(passed) }

  /// A directory goes by its own name, without the `.` at the end that says it is to be entered.
  private func text(_ names: [String]) -> String {
    let isDirectory = names.last == "." && (isAbsolute || names.count > 1)
    return (isAbsolute ? "/" : "") + (isDirectory ? names.dropLast() : names).joined(separator: "/")
  }

  private static func names(of path: String) -> [String] {
    path.split(separator: "/").map(String.init) + (path.hasSuffix("/") ? ["."] : [])
  }

  private static func start(isAbsolute: Bool, of path: String, _ calls: FileCalls) throws(FileError) -> FoundEntry {
    let start = try attempt(.openDirectory, path) { () throws(Errno) in
      try calls.lookUp(AT_FDCWD, isAbsolute ? "/" : ".", true)
    }
    guard let start else { throw .failed(.openDirectory, path: path, errno: ENOENT) }
    return start
  }

  /// Makes a system call of a step, again if a signal cut it short.
  static func attempt<Result>(
    _ step: FileError.Step, _ path: @autoclosure () -> String, _ call: () throws(Errno) -> Result
  ) throws(FileError) -> Result {
    while true {
      do throws(Errno) {
        return try call()
      } catch {
        guard error.code == EINTR else { throw .failed(step, path: path(), errno: error.code) }
      }
    }
  }
}

// MARK: - Steps

extension Walk {
  /// Makes a step; true where only the last name is ahead, and is none to be followed.
  private mutating func isAtEnd() throws(FileError) -> Bool {
    let isLast = ahead.count < 2
    if isLast, [".", ".."].contains(name) { return true }
    if name == "." {
      ahead.removeLast()
      return false
    }
    guard let found = try lookUp(isLast: isLast) else { return true }
    let entry = Descriptor(owning: found.descriptor)
    if found.status.kind == .link {
      try follow(entry, owner: found.status.owner, isLast: isLast)
      return endsInProcfs
    }
    if isLast { return true }
    try enter(entry, found.status)
    return false
  }

  /// Nil where there is nothing yet that has the last name.
  private func lookUp(isLast: Bool, followingLink: Bool = false) throws(FileError) -> FoundEntry? {
    let found = try Self.attempt(isLast ? .follow : .openDirectory, text) { () throws(Errno) in
      try calls.lookUp(directory.number, name, followingLink)
    }
    guard found != nil || isLast else { throw .failed(.openDirectory, path: text, errno: ENOENT) }
    return found
  }

  private mutating func enter(_ entry: consuming Descriptor, _ new: FileStatus) throws(FileError) {
    guard new.kind == .directory else { throw .failed(.openDirectory, path: text, errno: ENOTDIR) }
    let name = ahead.removeLast()
    if name != ".." {
      passed.append(name)
    } else if passed.last.map({ $0 != ".." }) ?? isAbsolute {
      _ = passed.popLast()
    } else {
      passed.append(name)
    }
    directory = entry
    status = new
  }

  /// Puts in the place of a link's name where it leads.
  private mutating func follow(_ link: borrowing Descriptor, owner: UInt32, isLast: Bool) throws(FileError) {
    links += 1
    guard links <= Self.maxLinks else { throw .failed(.follow, path: text, errno: ELOOP) }
    guard Self.mayFollow(linkOf: owner, in: status) else { throw .linkOfAnother(path: text, owner: owner) }
    let number = link.number
    guard let target = try Self.attempt(.follow, text, { () throws(Errno) in try calls.readLink(number) }) else {
      if isLast { return endsInProcfs = true }
      guard let found = try lookUp(isLast: false, followingLink: true) else { return }
      return try enter(Descriptor(owning: found.descriptor), found.status)
    }
    ahead.removeLast()
    ahead += Self.names(of: target).reversed()
    guard target.hasPrefix("/") else { return }
    let root = try Self.start(isAbsolute: true, of: text, calls)
    directory = Descriptor(owning: root.descriptor)
    (status, passed, isAbsolute) = (root.status, [], true)
  }

  /// The kernel's rule of `fs.protected_symlinks` (proc_sys_fs(5), may_follow_link() in fs/namei.c), which holds for what
  /// the kernel follows: in a directory with the sticky bit in which others may make links, a link is followed if it
  /// belongs to this process' user or to the directory's owner.
  ///
  /// Here the directory's group counts among the others. One number stands for all users whom a user namespace does not
  /// have (user_namespaces(7)): two owners with that number may be two users.
  private static func mayFollow(linkOf owner: UInt32, in directory: FileStatus) -> Bool {
    let isSticky = directory.mode & UInt32(S_ISVTX) != 0
    let isOpenToOthers = directory.mode & UInt32(S_IWGRP | S_IWOTH) != 0
    guard isSticky, isOpenToOthers else { return true }
    return owner == geteuid() || owner == directory.owner && owner != overflowUser
  }

  /// The kernel's default of `kernel.overflowuid`.
  private static let overflowUser: UInt32 = 65_534
}
