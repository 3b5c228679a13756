internal import Glibc

/// Keeps a second process of ours out of a directory for as long as it lives.
package struct DirectoryLock: ~Copyable, Sendable {
  private let descriptor: Descriptor?

  /// Nil if another process has the directory. One that cannot be opened cannot be locked: then nothing can be written
  /// there either, which shows when it is tried.
  package init?(_ path: String) {
    guard let directory = try? Directory(at: path) else {
      self.init(unlocked: ())
      return
    }
    self.init(directory)
  }

  init?(_ directory: borrowing Directory) {
    guard let number = try? FileCalls.system.openDirectory(directory.descriptor.number) else {
      self.init(unlocked: ())
      return
    }
    let readable = Descriptor(owning: number)
    guard flock(readable.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return nil }
    self.init(holding: readable)
  }

  private init(unlocked: Void) { descriptor = nil }

  private init(holding descriptor: consuming Descriptor) { self.descriptor = .some(descriptor) }
}
