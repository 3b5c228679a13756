internal import Files
internal import Glibc
internal import Sweeping

/// Where the files lie that a configuration names.
package struct SecretPaths: Sendable, Hashable {
  private let credentialsDirectory: String?
  private let configurationDirectory: String

  /// `credentials` is `$CREDENTIALS_DIRECTORY`, in which systemd puts what `LoadCredential=` names.
  package init(configuration path: String, credentials: String?) {
    credentialsDirectory = credentials
    let directory = path.lastIndex(of: "/").map { path[..<$0] }
    configurationDirectory = directory.map { $0.isEmpty ? "/" : String($0) } ?? "."
  }

  /// A relative name is looked up among the credentials first, then beside the configuration, as Prometheus does.
  func path(of name: String) -> String {
    if name.hasPrefix("/") { return name }
    if let credentialsDirectory {
      let path = "\(credentialsDirectory)/\(name)"
      if unsafe access(path, F_OK) == 0 { return path }
    }
    return "\(configurationDirectory)/\(name)"
  }

  /// Those of a file that the configuration names, which names files in its turn.
  func beside(_ path: String) -> SecretPaths { SecretPaths(configuration: path, credentials: credentialsDirectory) }

  /// More is no certificate, key or password.
  static let maxBytes: Int64 = 1 << 20

  /// The bytes of the file that a key names.
  func read(_ name: String, as key: String) throws(LocalFailure) -> [UInt8] {
    let path = path(of: name)
    do throws(FileError) {
      let file = try Location(of: path, .system).read(atMost: Self.maxBytes)
      guard let file else { throw .failed(.open, path: path, errno: ENOENT) }
      return file.bytes
    } catch {
      switch error {
      case .notAFile: throw .noAccess("cannot read \(key) '\(path)': it is no file")
      case .tooLarge: throw .noAccess("cannot read \(key) '\(path)': it has more than \(Self.maxBytes) bytes")
      case .linkOfAnother: throw .noAccess("cannot read \(key): \(error)")
      case .failed, .tooMuch:
        throw unsafe .noAccess("cannot read \(key) '\(path)': \(String(cString: strerror(error.errno)))")
      }
    }
  }
}
