internal import Synchronization

/// Hands on an answer once, whoever is the first to have one.
final class AnswerOnce: Sendable {
  private let isDelivered = Atomic(false)
  private let body: @Sendable (Prober.Answer) -> Void

  init(_ body: @escaping @Sendable (Prober.Answer) -> Void) {
    self.body = body
  }

  func deliver(_ answer: Prober.Answer) {
    guard !isDelivered.exchange(true, ordering: .relaxed) else { return }
    body(answer)
  }
}
