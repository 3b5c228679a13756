internal import Exposition
internal import Files
internal import Inventory
internal import Publishing
internal import Sweeping

/// What has happened to a job since this process knows it, to be counted by whoever scrapes the daemon.
struct JobCounts: Hashable {
  enum ScanEnd: String, CaseIterable {
    case complete, incomplete, cancelled
  }

  enum Replacing: String, CaseIterable {
    case replaced, unchanged, failed
  }

  /// When the process began with the job.
  let start: WallTime
  var events: [JournalEvent: Int] = [:]
  var scans: [ScanEnd: Int] = [:]
  var durations = Histogram()
  /// When the last complete scan of this process ended.
  var lastComplete: WallTime?
  /// Endpoints by what became of the last try to connect.
  var accepted: UInt64 = 0
  var refused: UInt64 = 0
  var timedOut: UInt64 = 0
  var unreachable: UInt64 = 0
  /// What was answered, by the kind of the verdict.
  var verdicts: [String: Int] = [:]
  var replacing: [Replacing: Int] = [:]

  init(start: WallTime) {
    self.start = start
  }

  mutating func count(_ outcome: ScanOutcome, endedAt end: WallTime) {
    scans[outcome.report.isComplete ? .complete : .incomplete, default: 0] += 1
    durations.observe(outcome.duration)
    if outcome.report.isComplete { lastComplete = end }
    accepted += outcome.summary.opened
    refused += outcome.summary.refused
    timedOut += outcome.summary.timedOut
    unreachable += outcome.summary.unreachable
    verdicts["exporter", default: 0] += outcome.report.seen.count
    for (kind, count) in outcome.otherCounts { verdicts[kind, default: 0] += count }
  }

  mutating func count(_ replacement: Replacement?) {
    let word: Replacing =
      switch replacement {
      case .unchanged: .unchanged
      case .replaced, .replacedUnsynced: .replaced
      case nil: .failed
      }
    replacing[word, default: 0] += 1
  }
}
