internal import Glibc

/// What a replacement did.
package enum Replacement: Hashable, Sendable {
  /// The file had these bytes already; nothing in its directory was touched.
  case unchanged
  case replaced
  /// The new file is in its place, but a power cut may bring back the old one: the directory did not reach the
  /// disk, for the reason in the error.
  case replacedUnsynced(FileError)
}

extension Location {
  /// Puts a new file with `bytes` in the place of the old one, so that whoever reads gets the one or the other,
  /// whole, also after a power cut.
  ///
  /// Until the new file has its name the old one stays and nothing else is left behind. Owner and group are
  /// those of `old` as far as this process may set them. More than `limit` bytes are an error: as many as are read again.
  package borrowing func replace(_ old: FileStatus?, with bytes: [UInt8], mode: UInt32, atMost limit: Int64)
    throws(FileError) -> Replacement
  {
    guard bytes.count <= limit else { throw .tooMuch(path: path, limit: limit) }
    let readable = try openDirectory()
    let (file, temporary) = try create()
    do throws(FileError) {
      try fill(Descriptor(owning: file), named: temporary, with: bytes, mode: mode, like: old)
      try attempt(.rename) { () throws(Errno) in try calls.rename(directory.number, temporary, name) }
    } catch {
      try? calls.remove(directory.number, temporary)
      throw error
    }
    do throws(FileError) {
      try attempt(.syncDirectory) { () throws(Errno) in try calls.sync(readable.number) }
    } catch {
      // A file system that cannot sync a directory says EINVAL (fsync(2)); it keeps names in its own way.
      if case .failed(_, _, EINVAL) = error { return .replaced }
      return .replacedUnsynced(error)
    }
    return .replaced
  }

  /// A new, empty file that only this user may read, and its name.
  private borrowing func create() throws(FileError) -> (Int32, String) {
    var attempts = 0
    while true {
      let temporary = temporaryName()
      do throws(FileError) {
        return (
          try attempt(.create) { () throws(Errno) in try calls.create(directory.number, temporary) }, temporary
        )
      } catch {
        attempts += 1
        guard case .failed(_, _, EEXIST) = error, attempts < Self.maxNames else { throw error }
      }
    }
  }

  /// Order matters: a file that was given away could no longer be given its mode.
  private borrowing func fill(
    _ file: consuming Descriptor, named temporary: String, with bytes: [UInt8], mode: UInt32,
    like old: FileStatus?
  ) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try attempt(.write) { () throws(Errno) in try calls.write(file.number, rest, rest.startIndex) }
      // A write of nothing without an error would go on for ever.
      guard count > 0 else { throw .failed(.write, path: path, errno: EIO) }
      rest = rest.dropFirst(count)
    }
    try attempt(.changeMode) { () throws(Errno) in try calls.changeMode(file.number, mode) }
    if let old, let new = try? calls.inspect(directory.number, temporary) {
      if new.group != old.group { try? calls.changeGroup(file.number, old.group) }
      if new.owner != old.owner { try? calls.changeOwner(file.number, old.owner) }
    }
    // After a failed fsync the kernel may have dropped the bytes: never tried twice on the same file.
    try attempt(.sync) { () throws(Errno) in try calls.sync(file.number) }
    let released = file.release()
    do throws(Errno) {
      try calls.close(released)
    } catch {
      // Linux has closed it even when interrupted (close(2)).
      guard error.code == EINTR else { throw .failed(.close, path: path, errno: error.code) }
    }
  }
}

// MARK: - Temporary names

extension Location {
  private static let randomLength = 6
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
  /// How many taken names are met before giving up.
  private static let maxNames = 16

  /// The longest name of a target file: NAME_MAX without what a temporary name adds.
  static let maxNameLength = 255 - "...tmp".utf8.count - randomLength

  /// `.NAME.XXXXXX.tmp`: Prometheus reads dot files too, if they end like a target file.
  private borrowing func temporaryName() -> String {
    let random = (0..<Self.randomLength).compactMap { _ in Self.alphabet.randomElement() }
    return ".\(name).\(String(random)).tmp"
  }

  private borrowing func isTemporary(_ other: String) -> Bool { Self.owner(ofTemporary: other) == name }

  /// The name of the file that a temporary file of this name was to become; nil if it is no such name.
  private static func owner(ofTemporary name: String) -> String? {
    let suffix = ".tmp"
    guard name.hasPrefix("."), name.hasSuffix(suffix) else { return nil }
    let stem = name.dropFirst().dropLast(suffix.count)
    let random = stem.suffix(randomLength)
    let owner = stem.dropLast(randomLength)
    guard random.count == randomLength, random.allSatisfy(alphabet.contains), owner.last == "." else { return nil }
    return String(owner.dropLast())
  }

  /// The names of those files in its directory of which temporary files were left behind.
  package borrowing func namesWithLeftovers() -> Set<String> {
    guard let directory = try? openDirectory(), let names = Self.names(in: directory) else { return [] }
    return Set(names.compactMap(Self.owner(ofTemporary:)))
  }

  /// Gives the file another name in its directory, which must not be taken.
  package borrowing func rename(to other: String) throws(FileError) {
    try attempt(.rename) { () throws(Errno) in try calls.rename(directory.number, name, other) }
  }

  /// Removes what a process left behind that was killed while it replaced the file.
  package borrowing func removeLeftovers() {
    guard let directory = try? openDirectory(), let names = Self.names(in: directory) else { return }
    for name in names where isTemporary(name) {
      guard let status = try? calls.inspect(self.directory.number, name), status.kind == .file else { continue }
      try? calls.remove(self.directory.number, name)
    }
  }

  private static func names(in directory: consuming Descriptor) -> [String]? {
    let number = directory.release()
    guard let stream = unsafe fdopendir(number) else {
      Glibc.close(number)
      return nil
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }
}
