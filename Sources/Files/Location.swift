internal import Glibc

/// Where a file really lies: the directory, and the name in it at which the symbolic links end.
package struct Location: ~Copyable {
  /// Directory and name as text, for messages; no links in it, and relative only if the path was.
  package let path: String
  /// Only looked up: it may be searched, and need not be readable.
  let directory: Descriptor
  package let name: String
  let calls: FileCalls
  /// Whether the name is a link of procfs, which leads to what this process has open; never replaced.
  private let isLinkOfProcfs: Bool

  /// Follows the symbolic links of `path`, if need be to a file that is not there. A link of another user in a directory
  /// that others may write to is an error, see `Walk`.
  package init(of path: String, _ calls: FileCalls) throws(FileError) {
    let walk = try Walk.along(path, calls)
    guard !["", ".", ".."].contains(walk.name) else { throw .failed(.inspect, path: walk.text, errno: EISDIR) }
    (self.path, name, isLinkOfProcfs) = (walk.text, walk.name, walk.endsInProcfs)
    self.calls = calls
    directory = walk.finish()
  }

  package static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = path[..<slash]
    return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
  }

  borrowing func attempt<Result>(_ step: FileError.Step, _ call: () throws(Errno) -> Result)
    throws(FileError) -> Result
  {
    try Walk.attempt(step, path, call)
  }
}

// MARK: - What is there

/// A file as it is found before it is replaced.
package struct OldFile {
  package var bytes: [UInt8]
  package var status: FileStatus
}

extension Location {
  /// How much is asked for at once: as much as fits a target file of a /18.
  private static let chunkSize = 1 << 18

  /// What is known of the file at the place; nil if there is none, an error if it is not a file.
  package borrowing func inspect() throws(FileError) -> FileStatus? {
    let found = try attempt(.inspect) { () throws(Errno) in try calls.inspect(directory.number, name) }
    guard let status = found else { return nil }
    switch status.kind {
    case .file: return status
    case .directory: throw .failed(.inspect, path: path, errno: EISDIR)
    case .link, .other: throw .notAFile(path: path)
    }
  }

  /// The whole of the file, at most `limit` bytes; nil if there is none.
  package borrowing func read(atMost limit: Int64) throws(FileError) -> OldFile? {
    guard let status = try isLinkOfProcfs ? inspectTarget() : inspect() else { return nil }
    guard status.size <= limit else { throw .tooLarge(path: path, size: status.size, limit: limit) }
    return OldFile(bytes: try read(open(isLinkOfProcfs ? .followingLink : []), atMost: limit), status: status)
  }

  /// The bytes of what an operator names, which may be a pipe; it is waited for. Nil if there is nothing.
  package borrowing func readAnything(atMost limit: Int64) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try read(open(isLinkOfProcfs ? [.followingLink, .waiting] : .waiting), atMost: limit)
    } catch {
      if case .failed(.open, _, ENOENT) = error { return nil }
      throw error
    }
  }

  private borrowing func read(_ file: consuming Descriptor, atMost limit: Int64) throws(FileError) -> [UInt8] {
    let number = file.number
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let chunk = try attempt(.read) { () throws(Errno) in try calls.read(number, Self.chunkSize) }
      if chunk.isEmpty { return bytes }
      bytes += chunk
    }
    throw .tooLarge(path: path, size: Int64(bytes.count), limit: limit)
  }

  /// What a link of procfs leads to, as `inspect()`.
  private borrowing func inspectTarget() throws(FileError) -> FileStatus? {
    let found = try attempt(.inspect) { () throws(Errno) in try calls.lookUp(directory.number, name, true) }
    guard let found else { return nil }
    _ = Descriptor(owning: found.descriptor)
    guard found.status.kind == .file else { throw .notAFile(path: path) }
    return found.status
  }

  borrowing func open(_ manner: Opening = []) throws(FileError) -> Descriptor {
    Descriptor(owning: try attempt(.open) { () throws(Errno) in try calls.open(directory.number, name, manner) })
  }

  /// The directory for reading, as syncing and listing want it.
  borrowing func openDirectory() throws(FileError) -> Descriptor {
    Descriptor(owning: try attempt(.openDirectory) { () throws(Errno) in try calls.openDirectory(directory.number) })
  }
}
