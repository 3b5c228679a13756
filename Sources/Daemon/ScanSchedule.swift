/// When the next scan of a job is due: start to start, without drift.
struct ScanSchedule {
  let interval: Duration
  /// What of the interval lies between the first scan and the second: above 0, at most 1.
  private let phase: Double
  private var hasBegun = false
  private(set) var due: SuspendingClock.Instant
  /// When the scan before ended: the next cannot begin earlier, however long it has been due.
  private var isFreeSince: SuspendingClock.Instant

  /// The first scan is due at once, and the second after `phase` of the interval.
  init(interval: Duration, phase: Double = 1, now: SuspendingClock.Instant) {
    self.interval = interval
    self.phase = phase
    due = now
    isFreeSince = now
  }

  /// A scan begins; the next is due one interval after this one *was due*, so that delays of the timer do not add up.
  ///
  /// A scan that begins a whole interval late, after a long scan, starts a new row: what was missed is not made up for.
  /// The time of a suspended machine is no delay, for timers do not count it either.
  mutating func begin(at now: SuspendingClock.Instant) {
    due = (now - due < interval ? due : now) + (hasBegun ? interval : interval * phase)
    hasBegun = true
  }

  /// A scan has ended.
  mutating func end(at now: SuspendingClock.Instant) { isFreeSince = now }

  /// Whether a scan should have begun so long ago; only while none is under way.
  func isOverdue(by tolerance: Duration, at now: SuspendingClock.Instant) -> Bool {
    now - max(due, isFreeSince) > tolerance
  }
}

extension ScanSchedule {
  /// A phase for each number of a job, so that jobs that begin at one moment, such as the daemon's start, do not go on so:
  /// however many there are, they are spread evenly (the sequence of the golden ratio). Of the first job it is 1.
  static func phase(ofJob number: Int) -> Double {
    let turns = Double(number) * 0.618_033_988_749_894_9
    return 1 - (turns - turns.rounded(.down))
  }
}
