/// Why a text cannot name a target file; `description` says what one has to be.
package enum TargetFileFault: Hashable, Sendable {
  case controlCharacter, parent, directory, hidden, tooLong, suffix

  /// Linux file systems take 255, and the temporary file's name is longer.
  static let maxNameBytes = 200
  /// Below PATH_MAX (4096) with the state directory before it.
  static let maxPathBytes = 2048

  /// Fails if `path` can name a target file.
  init?(in path: String) {
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    let name = names.last ?? ""
    if path.hasControlCharacters {
      self = .controlCharacter
    } else if names.contains("..") {
      self = .parent
    } else if name.isEmpty {
      self = .directory
    } else if name.hasPrefix(".") {
      self = .hidden
    } else if path.utf8.count > Self.maxPathBytes
      || names.contains(where: { $0.utf8.count > Self.maxNameBytes })
    {
      self = .tooLong
    } else if ![".yml", ".yaml", ".json"].contains(where: name.hasSuffix) {
      self = .suffix
    } else {
      return nil
    }
  }
}

extension TargetFileFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .controlCharacter: "it may not have control characters"
    case .parent: "it may not lead through '..'"
    case .directory: "it must end in the name of a file"
    case .hidden: "it may not begin with a dot, as temporary files do"
    case .tooLong: "it may have \(Self.maxPathBytes) bytes, and each name in it \(Self.maxNameBytes)"
    case .suffix: "it must end in .yml, .yaml or .json, as Prometheus reads no other"
    }
  }
}
