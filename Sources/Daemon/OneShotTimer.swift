internal import Dispatch

/// A Dispatch timer that fires once each time it is set.
///
/// Dispatch sources may be used from any thread; only the protocol does not say so.
final class OneShotTimer: @unchecked Sendable {
  private let source: any DispatchSourceTimer

  init(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) {
    source = DispatchSource.makeTimerSource(queue: queue)
    // Without @Sendable the closure would be taken for the main actor's and trap on this queue.
    source.setEventHandler { @Sendable in body() }
    source.schedule(deadline: .distantFuture)
    source.activate()
  }

  deinit { source.cancel() }

  /// Fires when `delay` is over, or at once if it is not positive.
  func fire(in delay: Duration) {
    let (seconds, attoseconds) = max(delay, .zero).components
    let wait = DispatchTimeInterval.nanoseconds(
      Int(min(seconds, 1 << 32)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    source.schedule(deadline: .now() + wait, leeway: .milliseconds(1))
  }
}
