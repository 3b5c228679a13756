internal import Files
internal import Glibc

/// The Unix socket at which operators ask the daemon: one request and one reply a connection, several at a time.
///
/// Its mode lets root and the group of the daemon's user in, and nobody else.
package final class ControlSocket {
  /// Answers a request of a user, told by the number; the reply is given once, from any thread.
  package typealias Answer =
    @Sendable (_ request: ControlRequest, _ user: UInt32, _ reply: @escaping @Sendable (ControlReply) -> Void) -> Void

  private let place: SocketPlace
  private let lock: DirectoryLock
  private let reception: Reception
  private var isEnded = false

  static func path(in directory: String) -> String { "\(directory)/control" }

  /// Some ten thousand targets to forget.
  static let maxRequest = 1 << 20
  /// A request is there at once, and its answer as soon as the daemon has handled what came before.
  package static let defaultTimeout = Duration.seconds(15)

  /// Listens in `directory`, which has to be there. A socket that a killed daemon left there is replaced.
  ///
  /// A client that does not say what it wants within `timeout` is let go, and so is one that does not take the reply.
  package convenience init(
    in directory: String, timeout: Duration = defaultTimeout, _ answer: @escaping Answer
  ) throws(ControlError) {
    try self.init(in: directory, timeout: timeout, Reception.Bounds(), answer)
  }

  init(
    in directory: String, timeout: Duration, _ bounds: Reception.Bounds, _ answer: @escaping Answer
  ) throws(ControlError) {
    var place = try Self.place(at: Self.path(in: directory))
    guard let lock = place.lock else { throw .taken(place.path) }
    let listener = try Self.listen(at: &place)
    reception = Reception(listener, timeout: timeout, bounds, answer)
    self.place = place
    self.lock = lock
  }

  /// Nobody can connect any more.
  package func end() {
    guard !isEnded else { return }
    isEnded = true
    reception.end()
    place.removeOwn()
  }

  deinit { end() }

  private static func place(at path: String) throws(ControlError) -> SocketPlace {
    // Who asks has to say the path.
    guard unsafe SocketPath.withAddress(path, { _, _ in true }) != nil else { throw .pathTooLong(path) }
    do throws(FileError) {
      return try SocketPlace(path)
    } catch {
      if case .linkOfAnother = error { throw .notFollowed(error) }
      throw .cannotListen(path, errno: error.errno)
    }
  }

  private static func listen(at place: inout SocketPlace) throws(ControlError) -> Int32 {
    let number = SocketPath.newSocket()
    guard number >= 0 else { throw .cannotListen(place.path, errno: errno) }
    let descriptor = Descriptor(owning: number)
    let status = place.bind(number)
    guard status == 0 else { throw .cannotListen(place.path, errno: status) }
    guard Glibc.listen(number, 64) == 0, fcntl(number, F_SETFL, O_NONBLOCK) == 0 else {
      throw .cannotListen(place.path, errno: errno)
    }
    return descriptor.release()
  }
}
