package import Files
internal import Glibc

/// The file in which the inventory outlives the process: replaced whole or not at all, and brought to the disk.
package struct InventoryFile: Sendable {
  package let path: String
  private let calls: FileCalls
  private let maxSize: Int64

  /// The largest that is stored, as no larger one is read again: ten times the inventory of a /16 full of exporters.
  package static let maxSize: Int64 = 128 << 20
  /// What is in it is published anyway, but for the names of machines.
  private static let mode: UInt32 = 0o640

  package init(path: String, maxSize: Int64 = maxSize, calls: FileCalls = .system) {
    self.path = path
    self.maxSize = maxSize
    self.calls = calls
  }

  /// Why there is no inventory although there is a file.
  package enum Unusable: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    case invalid(StoredInventory.Invalid)

    package var description: String {
      switch self {
      case .file(.tooLarge(_, let size, let limit)): "it has \(size) bytes, more than the \(limit) that are read"
      case .file(.notAFile): "it is not a regular file"
      case .file(let error): error.description
      case .invalid(let invalid): invalid.description
      }
    }
  }

  /// What was stored last, nil if nothing was.
  package func load(at moment: Moment) throws(Unusable) -> StoredInventory? {
    guard let bytes = try readBytes() else { return nil }
    do throws(StoredInventory.Invalid) {
      return try StoredInventory(bytes, at: moment)
    } catch {
      throw .invalid(error)
    }
  }

  /// Stores; an error means that what was stored before is still there, whole. Returns what keeps it from surviving a
  /// power cut, if anything does.
  package func save(_ stored: StoredInventory, at moment: Moment) throws(FileError) -> FileError? {
    let replacement = try Location(of: path, calls).replace(
      nil, with: stored.encoded(at: moment), mode: Self.mode, atMost: maxSize)
    if case .replacedUnsynced(let error) = replacement { return error }
    return nil
  }

  /// Gives an unusable file another name, so that the next one does not take its place; returns the new path.
  package func setAside(at moment: Moment) throws(FileError) -> String {
    let location = try Location(of: path, calls)
    let (directory, name) = Location.split(location.path)
    let other = "\(name).unusable-\(moment.wall.milliseconds)"
    try location.rename(to: other)
    return "\(directory)/\(other)"
  }

  /// Removes the temporary files of a process that was killed while it stored.
  package func removeLeftovers() {
    guard let location = try? Location(of: path, calls) else { return }
    location.removeLeftovers()
  }

  /// Whether anything is there.
  package var isThere: Bool { unsafe access(path, F_OK) == 0 }

  private func readBytes() throws(Unusable) -> [UInt8]? {
    do throws(FileError) {
      return try Location(of: path, calls).read(atMost: maxSize)?.bytes
    } catch {
      // Without a directory there is nothing in it; that nothing can be stored there is told when it is tried.
      if case .failed(.openDirectory, _, ENOENT) = error { return nil }
      throw .file(error)
    }
  }
}
