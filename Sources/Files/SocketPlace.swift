internal import Glibc

/// The name of a Unix socket: made and removed in the directory that was looked up, see `Walk`, whatever others rename
/// meanwhile. A symbolic link that has the name is left alone.
package struct SocketPlace: ~Copyable, Sendable {
  package let path: String
  private let directory: Directory
  private let name: String
  /// Of the socket that was made here.
  private var inode: UInt64?

  /// Takes from a socket's mode what would let others in than the user and the group.
  private static let umaskOfSocket: mode_t = 0o117

  package init(_ path: String) throws(FileError) {
    self.path = path
    let (parent, name) = Location.split(path)
    directory = try Directory(at: parent)
    self.name = name
  }

  /// Keeps other processes that use the directory out; nil if one has it.
  package var lock: DirectoryLock? { DirectoryLock(directory) }

  /// Whether a process listens there.
  package var isTaken: Bool {
    let socket = Descriptor(owning: SocketPath.newSocket())
    guard socket.number >= 0, fcntl(socket.number, F_SETFL, O_NONBLOCK) == 0 else { return false }
    // A listener that is busy says EAGAIN; one that has gone is refused.
    return unsafe withAddress { unsafe connect(socket.number, $0, $1) == 0 || errno == EAGAIN } ?? false
  }

  /// Gives the socket its name, in the place of one at which no process listens; only the user and the group may connect.
  /// Returns 0 or an errno.
  package mutating func bind(_ socket: Int32) -> Int32 {
    if isSocket { remove() }
    // bind(2) makes the name, with all of its mode at once. Nothing else of ours makes files by the umask meanwhile.
    let before = umask(Self.umaskOfSocket)
    let status = unsafe withAddress { unsafe Glibc.bind(socket, $0, $1) == 0 ? 0 : errno }
    umask(before)
    guard let status else { return ENAMETOOLONG }
    if status == 0 { inode = self.status.map { UInt64($0.st_ino) } }
    return status
  }

  /// Removes the socket that was made here, if it still has the name.
  package func removeOwn() {
    guard let inode, isSocket, status.map({ UInt64($0.st_ino) }) == inode else { return }
    remove()
  }

  private func remove() { unsafe unlinkat(directory.descriptor.number, name, 0) }

  private var isSocket: Bool { status.map { $0.st_mode & S_IFMT == S_IFSOCK } ?? false }

  private var status: stat? {
    var status = stat()
    let found = unsafe fstatat(directory.descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    return found ? status : nil
  }

  /// By way of the descriptor, as neither bind(2) nor connect(2) takes a directory; by the path where there is no /proc, or
  /// the way by it is too long.
  private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
    let way = "/proc/self/fd/\(directory.descriptor.number)"
    guard unsafe access(way, X_OK) == 0 else { return unsafe SocketPath.withAddress(path, body) }
    return unsafe SocketPath.withAddress("\(way)/\(name)", body) ?? SocketPath.withAddress(path, body)
  }
}
