internal import Files
internal import Glibc

/// One end of a connected Unix socket, with a moment by which all has to be said.
struct Channel: ~Copyable {
  let descriptor: Descriptor
  private let deadline: ContinuousClock.Instant

  init(_ descriptor: consuming Descriptor, within limit: Duration) {
    self.descriptor = descriptor
    deadline = ContinuousClock.now + limit
  }

  /// Writes everything; returns 0 or an errno.
  borrowing func write(_ bytes: [UInt8]) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if let failure = failure(waitingFor: POLLOUT) {
        return failure
      }
    }
    return 0
  }

  /// Reads to the end; nil for what does not come in time or is longer than `limit`.
  borrowing func readAll(atMost limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      guard let chunk = read() else { return nil }
      if chunk.isEmpty { return bytes }
      bytes += chunk
    }
    return nil
  }

  /// Some bytes, none at the end, nil for an error.
  private borrowing func read() -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(descriptor.number, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      if count >= 0 { return Array(chunk.prefix(count)) }
      if failure(waitingFor: POLLIN) != nil { return nil }
    }
  }

  /// After a call that failed: waits until it may be made again; an errno if it may not.
  private borrowing func failure(waitingFor events: Int32) -> Int32? {
    guard errno == EAGAIN || errno == EINTR else { return errno }
    let left = deadline - ContinuousClock.now
    guard left > .zero else { return ETIMEDOUT }
    var poll = pollfd(fd: descriptor.number, events: Int16(events), revents: 0)
    _ = unsafe Glibc.poll(&poll, 1, Int32(min(left / .milliseconds(1), 60_000).rounded(.up)))
    return nil
  }
}
