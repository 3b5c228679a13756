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

  /// With more jobs, `statusSentence` speaks only of those in trouble, and of no more of them.
  static var mostInStatus: Int { 20 }

  /// What `systemctl status` shows.
  var statusSentence: String {
    // By their places: a `JobState` is large, and of many jobs the copies would be the greater part of the work.
    let targets = indices.reduce(0) { $0 + self[$1].inventory.targets.count }
    let silent = indices.reduce(0) { $0 + self[$1].inventory.silentCount }
    var parts = [
      "\(targets.of("target")) in \(count.of("job"))" + (silent > 0 ? ", \(silent) silent" : "")
    ]
    guard count > Self.mostInStatus else { return (parts + map(\.statusPhrase)).joined(separator: "; ") }
    let troubled = indices.filter { self[$0].isTroubled }
    parts += troubled.prefix(Self.mostInStatus).map { self[$0].statusPhrase }
    let more = troubled.count - Self.mostInStatus
    if more > 0 { parts.append("\(more.of("job")) more in trouble") }
    let unscanned = indices.count { self[$0].lastOutcome == nil }
    if unscanned > 0 { parts.append("\(unscanned.of("job")) not scanned yet") }
    return parts.joined(separator: "; ")
  }
}

extension JobState {
  /// Whether `statusPhrase` says more than how many endpoints were scanned.
  fileprivate var isTroubled: Bool {
    if fault != nil || !inventory.holds.isEmpty { return true }
    return if case .incomplete? = lastOutcome?.summary.end { true } else { false }
  }

  fileprivate var statusPhrase: String {
    let troubles = [fault, inventory.holdPhrase].compactMap(\.self)
    if !troubles.isEmpty { return "\(job.name): \(troubles.joined(separator: "; "))" }
    guard let outcome = lastOutcome else { return "\(job.name): first scan of \(job.endpoints.count) endpoints" }
    if case .incomplete(let failure) = outcome.summary.end { return "\(job.name): last scan incomplete (\(failure))" }
    return "\(job.name): \(outcome.settled) endpoints in \(outcome.duration.shortText)"
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
