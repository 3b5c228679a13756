package import Foundation

/// A directory of its own for each test, gone with it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "subnet-sd-\(UUID())").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// What is in it or in a directory of it, dot files and all.
  package func names(in directory: String = ".") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(of: directory)).sorted()
  }

  package func make(_ directory: String) throws {
    try FileManager.default.createDirectory(atPath: path(of: directory), withIntermediateDirectories: true)
  }

  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path(of: name))
  }

  package func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path(of: name), withDestinationPath: target)
  }

  package func target(of link: String) throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: path(of: link))
  }

  package func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(filePath: path(of: name)))
  }

  package func write(_ text: String, to name: String) throws {
    try write(text.utf8, to: name)
  }

  /// Nil if there is no such file.
  package func bytes(of name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path(of: name)).map(Array.init)
  }

  package func text(of name: String) -> String? {
    bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
  }

  package func attribute(_ key: FileAttributeKey, of name: String) throws -> Int? {
    (try FileManager.default.attributesOfItem(atPath: path(of: name))[key] as? NSNumber)?.intValue
  }

  package func mode(of name: String) throws -> Int? {
    try attribute(.posixPermissions, of: name)
  }

  /// The descriptors of this process that are open in the directory.
  package var openDescriptors: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
      }.filter { $0.hasPrefix(path) }
    }
  }
}
