internal import Synchronization

/// For how long the prober's loop has read what peers sent, in nanoseconds: by it a probe knows how much of its time was spent
/// on others.
final class LoopLoad: Sendable {
  private let total = Atomic<Int64>(0)

  func add(_ nanoseconds: Int64) { total.wrappingAdd(nanoseconds, ordering: .relaxed) }

  var nanoseconds: Int64 { total.load(ordering: .relaxed) }
}
