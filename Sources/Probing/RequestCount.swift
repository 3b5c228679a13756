internal import Synchronization

/// How many requests were sent, counted on whatever thread.
final class RequestCount: Sendable {
  private let count = Atomic<UInt64>(0)

  func add() { count.wrappingAdd(1, ordering: .relaxed) }

  var value: UInt64 { count.load(ordering: .relaxed) }
}
