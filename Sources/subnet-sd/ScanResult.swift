import Addressing
import Configuration
import Daemon
import Inventory
import Publishing

/// What a scan of one job found, in the forms it is shown in.
struct ScanResult {
  let job: Job
  let outcome: ScanOutcome
  let sent: Sent
  let hostnames: [Address: String]

  /// As the daemon would publish it.
  var groups: [TargetGroup] {
    let traits = outcome.report.seen.map { endpoint, sighting in
      (endpoint, Traits(of: sighting, hostname: hostnames[endpoint.address], named: job.targetLabels))
    }
    return TargetGroup.groups(
      of: Dictionary(uniqueKeysWithValues: traits), job: job.name, labels: job.labels, groupBy: job.groupBy)
  }

  /// Whether every endpoint was tried.
  var isComplete: Bool { outcome.report.isComplete }

  var summary: String {
    let count = outcome.report.seen.count
    let incomplete = isComplete ? "" : "; INCOMPLETE"
    return
      "job '\(job.name)': \(count) \(count == 1 ? "target" : "targets"); \(outcome.numbers); \(sent.sentence)\(incomplete)"
  }
}

extension [ScanResult] {
  /// Targets in address order, then what is open and no target, with the reason.
  func table(isColoured: Bool) -> String {
    var targets = Table("TARGET", "EXPORTER", "VERSION", "NODENAME")
    var others = Table("OPEN, BUT NO TARGET", "WHY")
    for result in self {
      for (endpoint, sighting) in result.outcome.report.seen.sorted(by: { $0.key < $1.key }) {
        let name = sighting.nodename ?? result.hostnames[endpoint.address] ?? "-"
        targets.append("\(endpoint)", sighting.exporter, sighting.version ?? "-", name)
      }
      for (endpoint, verdict) in result.outcome.others.sorted(by: { $0.key < $1.key }) {
        others.append("\(endpoint)", "\(verdict)")
      }
      let unshown = result.outcome.otherCount - result.outcome.others.count
      if unshown > 0 { others.append("…", "and \(unshown) more") }
    }
    let tables = [targets, others].filter { !$0.isEmpty }
    return tables.map { $0.text(isColoured: isColoured) }.joined(separator: "\n")
  }
}
