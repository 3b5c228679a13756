internal import Files
internal import Glibc

/// Asks the running daemon.
package struct ControlClient: Sendable {
  package let path: String

  /// `directory` is the daemon's runtime directory.
  package init(directory: String) {
    path = ControlSocket.path(in: directory)
  }

  /// More than a /14 full of targets, as JSON.
  private static let maxReply = 256 << 20
  private static let timeout = Duration.seconds(30)

  package func ask(_ request: ControlRequest) throws(ControlError) -> ControlReply {
    let line = Array(request.line.utf8) + [UInt8(ascii: "\n")]
    guard line.count <= ControlSocket.maxRequest else { throw .tooLong }
    let channel = Channel(try connect(), within: Self.timeout)
    let failure = channel.write(line)
    guard failure == 0 else { throw .cannotAsk(path, errno: failure) }
    guard let bytes = channel.readAll(atMost: Self.maxReply), let reply = ControlReply(bytes) else {
      throw .noReply(path)
    }
    return reply
  }

  private func connect() throws(ControlError) -> Descriptor {
    let number = SocketPath.newSocket()
    guard number >= 0 else { throw .cannotAsk(path, errno: errno) }
    let descriptor = Descriptor(owning: number)
    let status = unsafe SocketPath.withAddress(path) { unsafe Glibc.connect(number, $0, $1) == 0 ? 0 : errno }
    guard let status else { throw .pathTooLong(path) }
    switch status {
    case 0: return descriptor
    case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning(path)
    case EACCES, EPERM: throw .denied(path)
    default: throw .cannotAsk(path, errno: status)
    }
  }
}
