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
  /// How many there were in all.
  package var otherCount: Int
  package var duration: Duration

  /// A range in which every address accepts must not cost memory without end.
  package static let maxOthers = 1_000

  /// How many endpoints the scan settled.
  package var settled: UInt64 { summary.opened + summary.refused + summary.timedOut + summary.unreachable }
}

/// What a scan has found so far.
struct Findings {
  private(set) var report = ScanReport(isComplete: false)
  private(set) var others: [Endpoint: Verdict] = [:]
  private var uncountedOthers = 0
  private let known: Set<Endpoint>

  init(known: Set<Endpoint>) {
    self.known = known
  }

  /// Takes a verdict; returns whether the endpoint deserves another try.
  mutating func take(_ verdict: Verdict, of endpoint: Endpoint) -> Bool {
    switch verdict {
    case .exporter(let identity):
      report.seen[endpoint] = Sighting(
        exporter: identity.exporter, version: identity.version, nodename: identity.nodename,
        startTime: identity.startTime)
    case .busy:
      if known.contains(endpoint) { report.busy.insert(endpoint) }
      noteOther(verdict, of: endpoint)
    case .other, .unfinished:
      noteOther(verdict, of: endpoint)
      guard known.contains(endpoint) else { return false }
      report.missed[endpoint] = verdict.description
      return true
    }
    report.missed[endpoint] = nil
    return false
  }

  mutating func miss(_ endpoint: Endpoint, _ failure: ConnectFailure) {
    report.missed[endpoint] = failure.description
  }

  /// What is no target gets one try, so no verdict takes the place of another.
  private mutating func noteOther(_ verdict: Verdict, of endpoint: Endpoint) {
    guard !known.contains(endpoint) else { return }
    if others.count < ScanOutcome.maxOthers {
      others[endpoint] = verdict
    } else {
      uncountedOthers += 1
    }
  }

  func outcome(_ summary: SweepSummary, duration: Duration) -> ScanOutcome {
    var report = report
    report.isComplete = summary.end == .complete
    return ScanOutcome(
      report: report, summary: summary, others: others, otherCount: others.count + uncountedOthers,
      duration: duration)
  }
}
