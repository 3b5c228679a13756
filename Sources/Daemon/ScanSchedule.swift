/// When the next scan of a job is due: start to start, without drift.
struct ScanSchedule {
  let interval: Duration
  private(set) var due: ContinuousClock.Instant

  /// The first scan is due at once.
  init(interval: Duration, now: ContinuousClock.Instant) {
    self.interval = interval
    due = now
  }

  /// A scan begins; the next is due one interval after this one *was due*, so that delays of the timer do not add up.
  ///
  /// A scan that begins a whole interval late, after a long scan or a suspended machine, starts a new row: what was
  /// missed is not made up for.
  mutating func begin(at now: ContinuousClock.Instant) {
    due = (now - due < interval ? due : now) + interval
  }
}
