package import Addressing
package import Inventory
package import Probing
package import Sweeping

/// All that one scan of a job found.
package struct ScanOutcome: Sendable {
  package var report: ScanReport
  package var summary: SweepSummary
  /// Endpoints that accepted a connection and are no target, with the reason; the first `maxOthers` of them.
  package var others: [Endpoint: Verdict]
  /// How many of those there were in all, by the kind of their verdict.
  package var otherCounts: [String: Int]
  /// Those that were not known before as what may be a printer, with the reason.
  package var newSuspects: [Endpoint: String]
  /// Prefixes in which every endpoint accepts connections and most are nothing: the work of a middlebox.
  package var acceptingPrefixes: [Prefix]
  package var duration: Duration

  /// A range in which every address accepts must not cost memory without end.
  package static let maxOthers = 1_000

  package var otherCount: Int { otherCounts.values.reduce(0, +) }

  /// What is left to tell when the inventory has taken in the report: that would be the largest part of what is kept.
  var withoutReport: ScanOutcome {
    var outcome = self
    outcome.report = ScanReport(isComplete: report.isComplete)
    return outcome
  }

  /// How many endpoints the scan settled.
  package var settled: UInt64 { summary.opened + summary.refused + summary.timedOut + summary.unreachable }
}
