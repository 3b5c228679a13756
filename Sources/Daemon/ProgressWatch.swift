/// Decides whether the watchdog is fed: only as long as every scan moves.
struct ProgressWatch {
  private var lastMoves: [Int: (progress: UInt64, at: ContinuousClock.Instant)] = [:]

  /// What the watch looks at: a scan under way, how far it is, and how long it may rightly stand still.
  struct Subject {
    let id: Int
    let progress: UInt64
    let patience: Duration
  }

  /// Whether all of them have moved within their patience; scans that are not there any more are forgotten.
  mutating func isAlive(_ subjects: [Subject], now: ContinuousClock.Instant) -> Bool {
    var moves: [Int: (progress: UInt64, at: ContinuousClock.Instant)] = [:]
    var isAlive = true
    for subject in subjects {
      if let last = lastMoves[subject.id], last.progress == subject.progress {
        moves[subject.id] = last
        if now - last.at > subject.patience { isAlive = false }
      } else {
        moves[subject.id] = (subject.progress, now)
      }
    }
    lastMoves = moves
    return isAlive
  }
}
