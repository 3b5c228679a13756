internal import Documents
internal import Files
internal import Glibc

extension Reader {
  /// Hands the root of the document in `bytes` to `read`, nil if there is none; says why there cannot be one.
  mutating func parse(
    _ bytes: [UInt8], file: String, read: (inout Reader, Node?) -> Void
  ) throws(ConfigurationError) {
    guard bytes.count <= ConfigurationError.maxBytes else { throw .tooLarge(path: file) }
    do throws(DocumentError) {
      read(&self, try Node.parse(bytes))
    } catch {
      report(.document(error), at: .file(file, error.position))
    }
  }

  /// The bytes of a file or of a pipe, which is waited for; one that holds more than are allowed is an error.
  static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
    do throws(FileError) {
      let bytes = try Location(of: path, .system).readAnything(atMost: Int64(ConfigurationError.maxBytes))
      guard let bytes else { throw .failed(.open, path: path, errno: ENOENT) }
      return bytes
    } catch {
      switch error {
      case .failed(_, _, let errno): throw .unreadable(path: path, errno: errno)
      case .tooLarge, .tooMuch: throw .tooLarge(path: path)
      case .notAFile: throw .unreadable(path: path, errno: EINVAL)
      case .linkOfAnother: throw .notFollowed(error)
      }
    }
  }
}
