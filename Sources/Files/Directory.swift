internal import Glibc

/// A directory that was looked up as a file is, see `Walk`.
package struct Directory: ~Copyable, Sendable {
  /// Only looked up: it may be searched, and need not be readable.
  let descriptor: Descriptor

  package init(at path: String) throws(FileError) {
    guard !path.isEmpty else { throw .failed(.openDirectory, path: path, errno: ENOENT) }
    descriptor = try Walk.along("\(path)/.", .system).finish()
  }

  /// Makes a directory, with what `mode` and the umask permit, if nothing has its name; the directory that it is to be in
  /// has to be there. Returns 0 or an errno.
  package static func make(_ path: String, mode: UInt32) -> Int32 {
    let (parent, name) = Location.split(path.droppingSlashes)
    guard !name.isEmpty else { return path.isEmpty ? ENOENT : 0 }
    do throws(FileError) {
      let place = try Directory(at: parent)
      guard unsafe mkdirat(place.descriptor.number, name, mode) != 0, errno != EEXIST else { return 0 }
      return errno
    } catch {
      return error.errno
    }
  }
}

extension String {
  fileprivate var droppingSlashes: String {
    var text = self[...]
    while text.last == "/" { text.removeLast() }
    return String(text)
  }
}
