internal import Foundation

/// The folder that these tests were built from.
package enum SourceTree {
  /// The text of a file of ours; the path is from the top.
  package static func text(of path: String) throws -> String {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    return try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }
}
