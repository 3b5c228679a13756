internal import Glibc

/// A directory that was looked up as a file is, see `Walk`.
package struct Directory: ~Copyable, Sendable {
  /// Only looked up: it may be searched, and need not be readable.
  let descriptor: Descriptor

  package init(at path: String) throws(FileError) {
    guard !path.isEmpty else { throw .failed(.openDirectory, path: path, errno: ENOENT) }
    descriptor = try Walk.along("\(path)/.", .system).finish()
  }
}
