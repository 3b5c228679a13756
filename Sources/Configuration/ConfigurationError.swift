package import Files
internal import Glibc

/// Why there are no settings.
package enum ConfigurationError: Error, Hashable, Sendable {
  case unreadable(path: String, errno: Int32)
  case tooLarge(path: String)
  /// A link of another user is in the way.
  case notFollowed(FileError)
  /// In the order of the file; of more than `maxMistakes` the last one says how many more.
  case invalid([Mistake])

  /// How many bytes of a configuration are read; the longest sensible one has some thousand.
  package static let maxBytes = 1 << 20
  /// More are not told apart: who has a hundred mistakes has one.
  package static let maxMistakes = 100
}

extension ConfigurationError: CustomStringConvertible {
  /// One sentence, or one line for each mistake.
  package var description: String {
    switch self {
    case .unreadable(let path, ENOENT):
      "cannot read '\(path)': there is no such file"
    case .unreadable(let path, EISDIR):
      "cannot read '\(path)': it is a directory; name the file in it"
    case .unreadable(let path, EACCES):
      "cannot read '\(path)': permission denied; let the user that runs this read it"
    case .unreadable(let path, let errno):
      // Its text is the thread's own since glibc 2.32.
      unsafe "cannot read '\(path)': \(String(cString: strerror(errno)))"
    case .tooLarge(let path):
      "cannot read '\(path)': it has more than \(Self.maxBytes) bytes"
    case .notFollowed(let error):
      "cannot read the configuration: \(error)"
    case .invalid(let mistakes):
      mistakes.map(\.description).joined(separator: "\n")
    }
  }
}
