internal import Documents
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

  /// The bytes of a file, at most one more than are allowed.
  static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= ConfigurationError.maxBytes {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 || errno == EINTR else { throw .unreadable(path: path, errno: errno) }
      bytes += chunk.prefix(max(0, count))
    }
    throw .tooLarge(path: path)
  }
}
