package import Addressing
internal import Glibc
internal import Synchronization

/// A connection that a sweep opened, to be probed on this very descriptor: an exporter sees one connection a scan.
///
/// It counts as in flight until it is settled. Closing the descriptor sends a reset (`SO_LINGER` of zero), so that neither
/// side keeps it in TIME_WAIT. Dropping it closes and settles it, so that no sweep can wait for ever.
package final class OpenConnection: Sendable {
  /// What the sweep is told when the connection is done with.
  package enum Settlement: Hashable, Sendable {
    case done
    /// The endpoint is known, and what it said is no proof that it is gone: connect once more, if a try is left.
    case again
    /// There is more to ask: connect once more at once. It is for whoever says this to see to it that this ends.
    case anew
    /// Something on this machine was lacking to ask the endpoint.
    case untried(LocalFailure)
    /// As `again`, and untried where no try is left: what kept this machine from asking may be over by then.
    case postponed(LocalFailure)
  }

  package let endpoint: Endpoint
  /// Whether an earlier try in this sweep came to nothing.
  package let isRetry: Bool
  /// -1 once it was taken.
  private let descriptor: Atomic<Int32>
  private let isSettled = Atomic(false)
  private let onSettle: @Sendable (Settlement) -> Void

  init(
    _ endpoint: Endpoint, descriptor: Int32, isRetry: Bool = false,
    onSettle: @escaping @Sendable (Settlement) -> Void
  ) {
    self.endpoint = endpoint
    self.isRetry = isRetry
    self.descriptor = Atomic(descriptor)
    self.onSettle = onSettle
  }

  /// Gives the connected, non-blocking socket away; whoever takes it closes it. Nil if somebody has it already.
  package func takeDescriptor() -> Int32? {
    let number = descriptor.exchange(-1, ordering: .relaxed)
    return number >= 0 ? number : nil
  }

  /// Ends the connection's time in flight; only the first call counts. The socket is closed here if nobody took it,
  /// and must be closed by now if somebody did.
  package func settle(_ how: Settlement) {
    guard !isSettled.exchange(true, ordering: .relaxed) else { return }
    if let number = takeDescriptor() { close(number) }
    onSettle(how)
  }

  deinit { settle(.done) }
}
