internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Synchronization

/// The Unix socket at which operators ask the daemon: one request and one reply a connection, one connection at a time.
///
/// Its mode lets root and the group of the daemon's user in, and nobody else.
package final class ControlSocket {
  /// Answers a request of a user, told by the number; the reply is given once, from any thread.
  package typealias Answer =
    @Sendable (_ request: ControlRequest, _ user: UInt32, _ reply: @escaping @Sendable (ControlReply) -> Void) -> Void

  private let path: String
  private let lock: DirectoryLock
  private let source: any DispatchSourceRead
  private var isEnded = false

  static func path(in directory: String) -> String { "\(directory)/control" }

  /// Some ten thousand targets to forget.
  static let maxRequest = 1 << 20
  /// Takes from a socket's mode what would let others in than the user and the group.
  private static let umaskOfSocket: mode_t = 0o117
  /// A request is there at once, and its answer as soon as the daemon has handled what came before.
  package static let defaultTimeout = Duration.seconds(15)

  /// Listens in `directory`, which has to be there. A socket that a killed daemon left there is replaced.
  ///
  /// Whoever does not say what he wants, or does not take the reply, is let go after `timeout`.
  package init(
    in directory: String, timeout: Duration = defaultTimeout, _ answer: @escaping Answer
  ) throws(ControlError) {
    let path = Self.path(in: directory)
    guard let lock = DirectoryLock(directory) else { throw .taken(path) }
    let listener = try Self.listen(at: path)
    source = DispatchSource.makeReadSource(fileDescriptor: listener, queue: DispatchQueue(label: "control"))
    source.setEventHandler { @Sendable in
      let number = accept(listener, nil, nil)
      if number >= 0 {
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        Self.serve(Channel(Descriptor(owning: number), within: timeout), timeout, answer)
      } else if errno != EAGAIN {
        // Who knocks goes on knocking: without descriptors, waiting is better than turning round and round.
        usleep(100_000)
      }
    }
    source.setCancelHandler { @Sendable in close(listener) }
    self.path = path
    self.lock = lock
    source.activate()
  }

  /// Nobody can connect any more.
  package func end() {
    guard !isEnded else { return }
    isEnded = true
    source.cancel()
    Self.removeLeftSocket(at: path)
  }

  deinit { end() }

  private static func listen(at path: String) throws(ControlError) -> Int32 {
    let number = SocketPath.newSocket()
    guard number >= 0 else { throw .cannotListen(path, errno: errno) }
    let descriptor = Descriptor(owning: number)
    removeLeftSocket(at: path)
    // bind(2) makes the socket, with all of its mode at once. Nothing else of ours makes files by the umask meanwhile.
    let before = umask(umaskOfSocket)
    let status = unsafe SocketPath.withAddress(path) { unsafe bind(number, $0, $1) == 0 ? 0 : errno }
    umask(before)
    guard let status else { throw .pathTooLong(path) }
    guard status == 0 else { throw .cannotListen(path, errno: status) }
    guard Glibc.listen(number, 16) == 0, fcntl(number, F_SETFL, O_NONBLOCK) == 0 else {
      throw .cannotListen(path, errno: errno)
    }
    return descriptor.release()
  }

  private static func removeLeftSocket(at path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    unsafe unlink(path)
  }

  private static func serve(_ channel: consuming Channel, _ timeout: Duration, _ answer: Answer) {
    var user: UInt32 = 0
    guard unsafe socket_peer_user(channel.descriptor.number, &user) == 0,
      let line = channel.readLine(atMost: maxRequest)
    else { return }
    guard let request = ControlRequest(line: line) else {
      _ = channel.write(ControlReply(isDone: false, messages: ["the daemon does not know this request"]).bytes)
      return
    }
    let box = ReplyBox()
    answer(request, user) { box.put($0) }
    if let reply = box.take(within: timeout) { _ = channel.write(reply.bytes) }
  }

  /// Where the daemon's loop leaves a reply for the thread that waits for it.
  private final class ReplyBox: Sendable {
    private let reply = Mutex<ControlReply?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func put(_ new: ControlReply) {
      reply.withLock { $0 = new }
      isThere.signal()
    }

    func take(within limit: Duration) -> ControlReply? {
      _ = isThere.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1))))
      return reply.withLock { $0 }
    }
  }
}
