internal import CLinux
internal import Dispatch
internal import Glibc

/// One operator's connection: a line comes, a reply goes. Nothing here blocks.
///
/// Only the queue of its `Reception` touches it.
final class Visit {
  enum Phase: Equatable {
    case reading
    /// The request is there, and has to wait until others have their replies.
    case queued(ControlRequest)
    case waiting
    case writing
    case over
  }

  let id: Int
  /// The user at the other end; nil where the kernel does not say.
  let user: UInt32?
  let begin: ContinuousClock.Instant
  /// By when the phase has to be over.
  var deadline: ContinuousClock.Instant
  private(set) var phase = Phase.reading
  private(set) var input: [UInt8] = []
  private var output: ArraySlice<UInt8> = []
  private let number: Int32
  private let reader: any DispatchSourceRead
  private var writer: (any DispatchSourceWrite)?
  /// Who needs the descriptor still: the reader, the writer, and the visit until it ends. Dispatch wants it open until a
  /// source has called its cancel handler.
  private var holds = 2

  /// Takes the descriptor over. `onReadable` is called on the queue.
  init(
    _ id: Int, _ number: Int32, until deadline: ContinuousClock.Instant, on queue: DispatchQueue,
    onReadable: @escaping @Sendable () -> Void
  ) {
    (self.id, self.number, self.deadline) = (id, number, deadline)
    begin = .now
    var user: UInt32 = 0
    self.user = unsafe socket_peer_user(number, &user) == 0 ? user : nil
    reader = DispatchSource.makeReadSource(fileDescriptor: number, queue: queue)
    reader.setEventHandler { @Sendable in onReadable() }
  }

  /// Begins to listen; `onCancel` is called on the queue when the reader needs the descriptor no longer.
  func activate(onCancel: @escaping @Sendable () -> Void) {
    reader.setCancelHandler { @Sendable in onCancel() }
    reader.activate()
  }

  /// A source needs the descriptor no longer; the last one closes it. Returns whether it is closed.
  func letGo() -> Bool {
    holds -= 1
    if holds == 0 { close(number) }
    return holds == 0
  }

  /// What came of reading.
  enum Reading {
    case more
    case line([UInt8])
    /// It ended, failed, or is longer than a request may be.
    case over
  }

  func read(atMost limit: Int) -> Reading {
    guard phase == .reading else { return .more }
    var chunk = [UInt8](repeating: 0, count: 16_384)
    let count = unsafe recv(number, &chunk, chunk.count, Int32(MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && [EAGAIN, EINTR].contains(errno) ? .more : .over }
    // What was searched before has no end of a line in it.
    let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n"))
    input += chunk[..<(end ?? count)]
    guard input.count <= limit else { return .over }
    return end == nil ? .more : .line(input)
  }

  /// The request is whole: nothing more is read.
  func enqueue(_ request: ControlRequest) {
    phase = .queued(request)
    input = []
    reader.cancel()
  }

  func wait() { phase = .waiting }

  /// Begins to send a reply; `onWritable` and `onCancel` are called on the queue.
  func send(
    _ bytes: [UInt8], on queue: DispatchQueue, onWritable: @escaping @Sendable () -> Void,
    onCancel: @escaping @Sendable () -> Void
  ) {
    if phase == .reading { reader.cancel() }
    phase = .writing
    input = []
    output = bytes[...]
    let writer = DispatchSource.makeWriteSource(fileDescriptor: number, queue: queue)
    writer.setEventHandler { @Sendable in onWritable() }
    writer.setCancelHandler { @Sendable in onCancel() }
    holds += 1
    self.writer = writer
    writer.activate()
  }

  /// Writes what the client takes; returns how much that was, nil where it has all or takes no more.
  func write() -> Int? {
    guard phase == .writing else { return nil }
    let count = unsafe output.withUnsafeBytes {
      unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    guard count >= 0 else { return [EAGAIN, EINTR].contains(errno) ? 0 : nil }
    output = output.dropFirst(count)
    return output.isEmpty ? nil : count
  }

  /// Returns whether the descriptor is closed already.
  func end() -> Bool {
    if phase == .reading { reader.cancel() }
    writer?.cancel()
    phase = .over
    (input, output) = ([], [])
    return letGo()
  }
}
