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

  private let place: SocketPlace
  private let lock: DirectoryLock
  private let source: any DispatchSourceRead
  private var isEnded = false

  static func path(in directory: String) -> String { "\(directory)/control" }

  /// Some ten thousand targets to forget.
  static let maxRequest = 1 << 20
  /// A request is there at once, and its answer as soon as the daemon has handled what came before.
  package static let defaultTimeout = Duration.seconds(15)

  /// Listens in `directory`, which has to be there. A socket that a killed daemon left there is replaced.
  ///
  /// Whoever does not say what he wants, or does not take the reply, is let go after `timeout`.
  package init(
    in directory: String, timeout: Duration = defaultTimeout, _ answer: @escaping Answer
  ) throws(ControlError) {
    var place = try Self.place(at: Self.path(in: directory))
    guard let lock = place.lock else { throw .taken(place.path) }
    let listener = try Self.listen(at: &place)
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
    self.place = place
    self.lock = lock
    source.activate()
  }

  /// Nobody can connect any more.
  package func end() {
    guard !isEnded else { return }
    isEnded = true
    source.cancel()
    place.removeOwn()
  }

  deinit { end() }

  private static func place(at path: String) throws(ControlError) -> SocketPlace {
    // Who asks has to say the path.
    guard unsafe SocketPath.withAddress(path, { _, _ in true }) != nil else { throw .pathTooLong(path) }
    do throws(FileError) {
      return try SocketPlace(path)
    } catch {
      throw .cannotListen(path, errno: error.errno)
    }
  }

  private static func listen(at place: inout SocketPlace) throws(ControlError) -> Int32 {
    let number = SocketPath.newSocket()
    guard number >= 0 else { throw .cannotListen(place.path, errno: errno) }
    let descriptor = Descriptor(owning: number)
    let status = place.bind(number)
    guard status == 0 else { throw .cannotListen(place.path, errno: status) }
    guard Glibc.listen(number, 16) == 0, fcntl(number, F_SETFL, O_NONBLOCK) == 0 else {
      throw .cannotListen(place.path, errno: errno)
    }
    return descriptor.release()
  }

  private static func serve(_ channel: consuming Channel, _ timeout: Duration, _ answer: Answer) {
    var user: UInt32 = 0
    guard unsafe socket_peer_user(channel.descriptor.number, &user) == 0,
      let line = channel.readLine(atMost: maxRequest)
    else { return }
    guard let request = ControlRequest(line: line) else {
      _ = channel.write(ControlReply(isDone: false, messages: ["the daemon does not know this request"]).bytes())
      return
    }
    let box = ReplyBox()
    answer(request, user) { box.put($0) }
    if let reply = box.take(within: timeout) { _ = channel.write(reply.bytes()) }
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
