internal import CLinux
internal import Files
internal import Glibc
internal import Synchronization

/// What other threads have to say to the sweep loop; posting wakes it.
final class Inbox: Sendable {
  enum Message: Sendable {
    case start(Sweep, RunningSweep)
    case cancel(RunningSweep)
    case knock(Knock)
    case settled(FlightID, OpenConnection.Settlement)
    case adjust(SweepLimits)
    case quit
  }

  private let messages = Mutex<[Message]>([])
  /// How many connections the loop had when it last looked.
  let inFlight = Atomic<Int>(0)
  /// How many connections were begun, and SYNs sent, since the loop began.
  let attempts = Atomic<UInt64>(0)
  let syns = Atomic<UInt64>(0)
  /// An eventfd, readable while something was posted and not taken.
  let bell: Descriptor

  init() throws(LocalFailure) {
    let number = eventfd_new()
    guard number >= 0 else { throw LocalFailure(errno: errno) }
    bell = Descriptor(owning: number)
  }

  func post(_ message: Message) {
    let wasEmpty = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if wasEmpty { eventfd_ring(bell.number) }
  }

  func takeAll() -> [Message] {
    eventfd_quiet(bell.number)
    return messages.withLock { messages in
      defer { messages.removeAll() }
      return messages
    }
  }
}
