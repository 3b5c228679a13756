internal import Addressing
internal import Configuration
internal import Inventory
internal import Logging
internal import Sweeping

extension Int {
  /// `1 target`, `2 targets`; `1 address`, `2 addresses`.
  func of(_ noun: String, _ plural: String? = nil) -> String {
    self == 1 ? "1 \(noun)" : "\(self) \(plural ?? noun + "s")"
  }
}

extension Duration {
  /// Seconds with one decimal, for what took time just now.
  package var shortText: String {
    let tenths = Int(self / .milliseconds(100))
    return tenths < 600 ? "\(tenths / 10).\(tenths % 10) s" : Duration.seconds(tenths / 10).prometheusText
  }
}

extension ScanOutcome {
  /// What a complete scan found, in one line.
  func sentence(_ inventory: JobInventory) -> String {
    let silent = inventory.silentCount
    let targets =
      inventory.targets.count.of("target") + (silent > 0 ? ", \(silent) of them silent" : "")
      + (inventory.holds.isEmpty ? "" : ", hold")
    return "\(targets); \(numbers)"
  }

  /// Those that somebody may want to do something about.
  private var otherKinds: String {
    let kinds = [
      ("printer", "may be printers"), ("unauthorized", "want credentials"), ("tls", "failed over TLS"),
      ("plain_http", "speak plain HTTP"),
    ]
    let counts = kinds.compactMap { kind, phrase in otherCounts[kind].map { "\($0) \(phrase)" } }
    return counts.isEmpty ? "" : " (\(counts.joined(separator: ", ")))"
  }

  /// What was scanned, in one line without the targets.
  package var numbers: String {
    var parts = ["\(summary.refused) refused", "\(summary.timedOut) unanswered"]
    if summary.unreachable > 0 { parts.append("\(summary.unreachable) unreachable") }
    if otherCount > 0 { parts.append("\(otherCount) open but no target\(otherKinds)") }
    if summary.passedOver > 0 { parts.append("\(summary.passedOver) left alone for now") }
    if summary.untried > 0 { parts.append("\(summary.untried) not tried") }
    return "\(settled) of \(settled + summary.untried + summary.passedOver) endpoints in \(duration.shortText): "
      + parts.joined(separator: ", ")
  }
}

extension [JobState] {
  /// How long a scan may rightly stand still: three tries of a known target, each with its examination and exchanges, the
  /// pauses between them, and what is borne of a shortage of descriptors, with as much again for a loaded machine. Jobs
  /// wait for one another where they share connections or endpoints, so the slowest counts for all.
  var patience: Duration {
    let slowest = map { $0.job.connectTimeout * 4 + .seconds(1) + $0.job.probeTimeout * 4 }.max() ?? .zero
    return slowest * 3 + .seconds(15)
  }

  /// What `systemctl status` shows.
  var statusSentence: String {
    let targets = reduce(0) { $0 + $1.inventory.targets.count }
    let silent = reduce(0) { $0 + $1.inventory.silentCount }
    var parts = [
      "\(targets.of("target")) in \(count.of("job"))" + (silent > 0 ? ", \(silent) silent" : "")
    ]
    for state in self {
      let troubles = [state.fault, state.inventory.holdPhrase].compactMap(\.self)
      if !troubles.isEmpty {
        parts.append("\(state.job.name): \(troubles.joined(separator: "; "))")
      } else if let outcome = state.lastOutcome, case .incomplete(let failure) = outcome.summary.end {
        parts.append("\(state.job.name): last scan incomplete (\(failure))")
      } else if let outcome = state.lastOutcome {
        parts.append("\(state.job.name): \(outcome.settled) endpoints in \(outcome.duration.shortText)")
      } else {
        parts.append("\(state.job.name): first scan of \(state.job.endpoints.count) endpoints")
      }
    }
    return parts.joined(separator: "; ")
  }
}

extension JobInventory {
  /// The first hold, and how many more there are; nil without one.
  fileprivate var holdPhrase: String? {
    guard let hold = holds.first else { return nil }
    let more = holds.count > 1 ? "; \((holds.count - 1).of("hold")) more" : ""
    return "\(hold.scope.title), \(hold.sentence), nothing is removed\(more)"
  }
}
