internal import Inventory

/// A scan of a job has ended, or the names of its targets are known: what is left is to publish and to tell that.
struct Settlement {
  /// The job's number.
  let job: Int
  /// Nil for names.
  let outcome: ScanOutcome?
}

/// From what a scan has found to what Prometheus is told. The inventory is stored in between: with many jobs for all of
/// them at once, as it is written whole.
extension DaemonLoop {
  /// Publishes and tells it at once where all of it is stored already, or may be stored now; else in a moment.
  mutating func settle(_ settlement: Settlement) {
    guard let index = index(of: settlement.job) else { return }
    let refusals = scanner.refusals { book, _ in book.revision }
    guard !store.isCurrent(jobs[index], refusals: refusals, at: moment()) else { return conclude(settlement) }
    unsettled.append(settlement)
    if isDue(.store) { storeAndSettle() }
  }

  mutating func storeAndSettle() {
    guard !unsettled.isEmpty else { return }
    let isUnderWay = settledCount > 0
    save()
    settledCount = unsettled.count
    if !isUnderWay { settleSome() }
  }

  /// A target file takes two fsync(2); meanwhile the watchdog and others are to have their turn.
  private static let filesInARow = 16

  /// Publishes some of what is stored; `.settlingDue` is posted where more is left.
  mutating func settleSome() {
    let some = unsettled.prefix(min(settledCount, Self.filesInARow))
    unsettled.removeFirst(some.count)
    settledCount -= some.count
    for settlement in some { conclude(settlement) }
    if settledCount > 0 { post.yield(.settlingDue) }
  }

  /// At the end of the process all is stored; what waits for that is published, for as long as the end may take.
  mutating func settleBeforeTheEnd() {
    settledCount = unsettled.count
    let end = timerClock.now + Self.lastTime
    while settledCount > 0, timerClock.now < end { settleSome() }
  }

  /// Half of the two seconds in which the daemon ends.
  private static let lastTime = Duration.seconds(1)

  private mutating func conclude(_ settlement: Settlement) {
    guard let index = index(of: settlement.job) else { return }
    if settlement.outcome?.report.isComplete ?? true || jobs[index].isUnpublished { publish(index) }
    if !store.retired.isEmpty, isDue(.retire) { emptyRetiredFiles() }
    guard let outcome = settlement.outcome else { return }
    // Last, so that a reader of this line finds the target file true.
    report(outcome, of: jobs[index])
    tellStatus()
    giveBackMemory()
  }
}
