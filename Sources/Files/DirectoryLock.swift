internal import Glibc

/// Keeps a second process of ours out of a directory for as long as it lives.
package struct DirectoryLock: ~Copyable, Sendable {
  private let descriptor: Descriptor?

  /// Nil if another process has the directory. One that cannot be opened cannot be locked: then nothing can be written
  /// there either, which shows when it is tried.
  package init?(_ path: String) {
    let number = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else {
      descriptor = nil
      return
    }
    let directory = Descriptor(owning: number)
    guard flock(directory.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return nil }
    descriptor = .some(directory)
  }
}
