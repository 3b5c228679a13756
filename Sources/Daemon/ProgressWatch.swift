/// Decides whether the watchdog is fed: only as long as the scans under way move.
///
/// They share the rate and the connections, so that one may rightly stand still while others move: what counts is that
/// any of them does.
struct ProgressWatch {
  private var lastSubjects: [Subject] = []
  private var lastMove: SuspendingClock.Instant?

  /// What the watch looks at: a job's scan under way, and how far it is.
  struct Subject: Equatable {
    let job: Int
    /// Tells the scans of a job apart: the next one may be found where the last one was.
    let scan: Int
    let progress: UInt64
    /// Whether it has nothing to do for now, as it is stretched over its interval.
    var isResting = false
  }

  /// Whether anything has moved within `patience`, or nothing has to.
  mutating func isAlive(_ subjects: [Subject], patience: Duration, now: SuspendingClock.Instant) -> Bool {
    if subjects != lastSubjects || subjects.allSatisfy(\.isResting) { lastMove = now }
    lastSubjects = subjects
    return now - (lastMove ?? now) <= patience
  }
}
