internal import Synchronization

/// Hands on a verdict once, whoever is the first to have one.
final class VerdictOnce: Sendable {
  private let isDelivered = Atomic(false)
  private let body: @Sendable (Verdict) -> Void

  init(_ body: @escaping @Sendable (Verdict) -> Void) {
    self.body = body
  }

  func deliver(_ verdict: Verdict) {
    guard !isDelivered.exchange(true, ordering: .relaxed) else { return }
    body(verdict)
  }
}
