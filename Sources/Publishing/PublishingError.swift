internal import Documents
package import Files

/// Why a target file was not read or not replaced; `description` is the sentence to show.
package enum PublishingError: Error, Hashable, Sendable {
  case file(FileError)
  /// The links of `link` end at a name that Prometheus would not read.
  case unreadName(link: String, path: String)
  case invalid(path: String, Listing.Invalid)
  /// The file lists `count` targets that would be lost, the first of them in `examples`.
  case foreign(path: String, count: Int, examples: [String])

  /// How large a file is read, and so the largest that is written: two million targets in groups of prefixes, or 200,000
  /// that each have labels of their own.
  package static let maxSize: Int64 = 64 << 20

  /// Does what has to do with the file itself.
  static func wrapping<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(PublishingError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }
}

extension PublishingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(.tooMuch(let path, let limit)):
      "the new list for '\(path)' has more than the \(limit) bytes that are read again, so it is not replaced; split the"
        + " job, or give it fewer or shorter labels"
    case .file(let error): error.description
    case .unreadName(let link, let path):
      "'\(link)' is a link to '\(path)', which does not end in .yml, .yaml or .json, so it is not replaced; link to a name"
        + " that does"
    case .invalid(let path, let invalid):
      "\(path):\(invalid.position.line):\(invalid.position.column): \(invalid), so the file is not replaced;"
        + " mend it, or move it away"
    case .foreign(let path, let count, let examples):
      "'\(path)' lists \(count) \(count == 1 ? "target" : "targets") that this job did not write and"
        + " does not scan (\(Self.list(examples, of: count))), so it is not replaced; add their ranges, or move"
        + " the file away"
    }
  }

  private static func list(_ examples: [String], of count: Int) -> String {
    (examples.map(\.shown) + (count > examples.count ? ["…"] : [])).joined(separator: ", ")
  }
}
