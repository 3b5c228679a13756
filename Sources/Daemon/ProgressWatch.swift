/// Decides whether the watchdog is fed: only as long as every scan moves.
struct ProgressWatch {
  private var lastMoves: [Int: (subject: Subject, at: SuspendingClock.Instant)] = [:]

  /// What the watch looks at: a job's scan under way, and how far it is.
  struct Subject: Equatable {
    let job: Int
    /// Tells the scans of a job apart: the next one may be found where the last one was.
    let scan: Int
    let progress: UInt64
  }

  /// Whether all of them have moved within `patience`; scans that are not there any more are forgotten.
  mutating func isAlive(_ subjects: [Subject], patience: Duration, now: SuspendingClock.Instant) -> Bool {
    var moves: [Int: (subject: Subject, at: SuspendingClock.Instant)] = [:]
    var isAlive = true
    for subject in subjects {
      if let last = lastMoves[subject.job], last.subject == subject {
        moves[subject.job] = last
        if now - last.at > patience { isAlive = false }
      } else {
        moves[subject.job] = (subject, now)
      }
    }
    lastMoves = moves
    return isAlive
  }
}
