/// When the next scan of a job is due: start to start, without drift.
struct ScanSchedule {
  let interval: Duration
  private(set) var due: SuspendingClock.Instant
  /// When the scan before ended: the next cannot begin earlier, however long it has been due.
  private var isFreeSince: SuspendingClock.Instant

  /// The first scan is due at once.
  init(interval: Duration, now: SuspendingClock.Instant) {
    self.interval = interval
    due = now
    isFreeSince = now
  }

  /// A scan begins; the next is due one interval after this one *was due*, so that delays of the timer do not add up.
  ///
  /// A scan that begins a whole interval late, after a long scan, starts a new row: what was missed is not made up for.
  /// The time of a suspended machine is no delay, for timers do not count it either.
  mutating func begin(at now: SuspendingClock.Instant) {
    due = (now - due < interval ? due : now) + interval
  }

  /// A scan has ended.
  mutating func end(at now: SuspendingClock.Instant) { isFreeSince = now }

  /// Whether a scan should have begun so long ago; only while none is under way.
  func isOverdue(by tolerance: Duration, at now: SuspendingClock.Instant) -> Bool {
    now - max(due, isFreeSince) > tolerance
  }
}
