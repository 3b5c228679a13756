internal import CLinux
internal import Files
internal import Glibc

/// An epoll instance; what it watches is told apart by tags.
struct Epoll: ~Copyable {
  private let descriptor: Descriptor
  private var tags = [UInt64](repeating: 0, count: Int(EPOLL_MOST))

  init() throws(LocalFailure) {
    let number = epoll_new()
    guard number >= 0 else { throw LocalFailure(errno: errno) }
    descriptor = Descriptor(owning: number)
  }

  func watchReadable(_ number: Int32, tag: UInt64) throws(LocalFailure) {
    guard epoll_watch_readable(descriptor.number, number, tag) == 0 else { throw LocalFailure(errno: errno) }
  }

  /// Tells once the handshake of a connecting socket is over, well or not.
  func watchHandshake(_ number: Int32, tag: UInt64) throws(LocalFailure) {
    guard epoll_watch_writable(descriptor.number, number, tag) == 0 else { throw LocalFailure(errno: errno) }
  }

  func forget(_ number: Int32) {
    _ = epoll_forget(descriptor.number, number)
  }

  /// Waits for at most `milliseconds` (-1: for ever), then appends the tags of up to 512 descriptors to `ready`;
  /// returns whether there may be more.
  mutating func wait(milliseconds: Int32, appendingTo ready: inout [UInt64]) -> Bool {
    let count = unsafe epoll_tags(descriptor.number, &tags, Int32(tags.count), milliseconds)
    guard count > 0 else { return false }
    ready += tags[..<Int(count)]
    return Int(count) == tags.count
  }
}
