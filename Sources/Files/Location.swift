internal import Glibc

/// Where a file really lies: the open directory, and the name in it at which the symbolic links end.
package struct Location: ~Copyable {
  /// Directory and name as text, for messages.
  package let path: String
  let directory: Descriptor
  let name: String
  let calls: FileCalls

  /// As many links as the kernel follows (path_resolution(7)).
  private static let maxLinks = 40

  /// Follows the symbolic links of `path`, if need be to a file that is not there, and opens its directory.
  package init(of path: String, _ calls: FileCalls) throws(FileError) {
    var path = path
    var links = 0
    while let target = try Self.attempt(.follow, path, { () throws(Errno) in try calls.readLink(path) }) {
      links += 1
      guard links <= Self.maxLinks else { throw .failed(.follow, path: path, errno: ELOOP) }
      path = target.hasPrefix("/") ? target : Self.join(Self.split(path).directory, target)
    }
    let (directory, name) = Self.split(path)
    guard !["", ".", ".."].contains(name) else { throw .failed(.inspect, path: path, errno: EISDIR) }
    let number = try Self.attempt(.openDirectory, path) { () throws(Errno) in
      try calls.openDirectory(directory)
    }
    self.path = path
    self.name = name
    self.calls = calls
    self.directory = Descriptor(owning: number)
  }

  package static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = path[..<slash]
    return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// Makes a system call of a step, again if a signal cut it short.
  private static func attempt<Result>(
    _ step: FileError.Step, _ path: String, _ call: () throws(Errno) -> Result
  ) throws(FileError) -> Result {
    while true {
      do throws(Errno) {
        return try call()
      } catch {
        guard error.code == EINTR else { throw .failed(step, path: path, errno: error.code) }
      }
    }
  }

  borrowing func attempt<Result>(_ step: FileError.Step, _ call: () throws(Errno) -> Result)
    throws(FileError) -> Result
  {
    try Self.attempt(step, path, call)
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
    case .other: throw .notAFile(path: path)
    }
  }

  /// The whole of the file, at most `limit` bytes; nil if there is none.
  package borrowing func read(atMost limit: Int64) throws(FileError) -> OldFile? {
    guard let status = try inspect() else { return nil }
    guard status.size <= limit else { throw .tooLarge(path: path, size: status.size, limit: limit) }
    let file = try open()
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let chunk = try attempt(.read) { () throws(Errno) in try calls.read(file.number, Self.chunkSize) }
      if chunk.isEmpty { return OldFile(bytes: bytes, status: status) }
      bytes += chunk
    }
    throw .tooLarge(path: path, size: Int64(bytes.count), limit: limit)
  }

  borrowing func open() throws(FileError) -> Descriptor {
    Descriptor(owning: try attempt(.open) { () throws(Errno) in try calls.open(directory.number, name) })
  }
}
