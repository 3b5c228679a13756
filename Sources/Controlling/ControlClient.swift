internal import Files
internal import Glibc

/// Asks the running daemon.
package struct ControlClient: Sendable {
  package let path: String

  /// `directory` is the daemon's runtime directory.
  package init(directory: String) {
    path = ControlSocket.path(in: directory)
  }

  private static let timeout = Duration.seconds(30)

  package func ask(_ request: ControlRequest) throws(ControlError) -> ControlReply {
    let line = Array(request.line.utf8) + [UInt8(ascii: "\n")]
    guard line.count <= ControlSocket.maxRequest else { throw .tooLong }
    let channel = Channel(try connect(), within: Self.timeout)
    let failure = channel.write(line)
    guard failure == 0 else { throw .cannotAsk(path, errno: failure) }
    guard let bytes = channel.readAll(atMost: ControlReply.maxBytes) else { throw .busy(path) }
    guard let reply = ControlReply(bytes) else { throw .noReply(path) }
    return reply
  }

  private func connect() throws(ControlError) -> Descriptor {
    let number = SocketPath.newSocket()
    guard number >= 0 else { throw .cannotAsk(path, errno: errno) }
    let descriptor = Descriptor(owning: number)
    // Of a daemon that stands still, those who wait fill the backlog, and connect() waits for room in it (unix(7)).
    var limit = timeval(tv_sec: Int(Self.timeout / .seconds(1)), tv_usec: 0)
    _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let status = unsafe SocketPath.withAddress(path) { unsafe Glibc.connect(number, $0, $1) == 0 ? 0 : errno }
    guard let status else { throw .pathTooLong(path) }
    switch status {
    case 0: return descriptor
    case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning(path)
    case EACCES, EPERM: throw .denied(path)
    case EAGAIN: throw .busy(path)
    default: throw .cannotAsk(path, errno: status)
    }
  }
}
