internal import Synchronization

/// Lets so many in at a time; the others wait in the order they came.
final class Turnstile: Sendable {
  /// Begins, and says when it is over by calling what it is given, once.
  typealias Visit = @Sendable (_ leave: @escaping @Sendable () -> Void) -> Void

  private struct State {
    var inside = 0
    /// The last one is the next.
    var next: [Visit] = []
    var arriving: [Visit] = []
  }

  private let width: Int
  private let state = Mutex(State())

  init(width: Int) {
    self.width = width
  }

  /// Calls `visit` now, or on whatever thread somebody leaves.
  func enter(_ visit: @escaping Visit) {
    let mayEnter = state.withLock { state in
      guard state.inside >= width else {
        state.inside += 1
        return true
      }
      state.arriving.append(visit)
      return false
    }
    if mayEnter { visit(leave) }
  }

  private func leave() {
    let visit = state.withLock { state -> Visit? in
      if state.next.isEmpty {
        state.next = state.arriving.reversed()
        state.arriving = []
      }
      guard let visit = state.next.popLast() else {
        state.inside -= 1
        return nil
      }
      return visit
    }
    visit?(leave)
  }
}
