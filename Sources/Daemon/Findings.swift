internal import Addressing
internal import Configuration
internal import Exporters
internal import Inventory
internal import Probing
internal import Sweeping

/// What a scan has found so far.
struct Findings {
  private(set) var report = ScanReport(isComplete: false)
  private(set) var others: [Endpoint: Verdict] = [:]
  private var otherCounts: [String: Int] = [:]
  private var newSuspects: [Endpoint: String] = [:]
  /// How many endpoints of a prefix accept connections, and how many of those are something.
  private var accepting: [Prefix: (open: Int, proven: Int)] = [:]
  private let order: ScanOrder

  init(for order: ScanOrder) {
    self.order = order
  }

  /// A smaller group may well be a fleet with a fault in common; more prefixes are not counted apart.
  private static let minAccepting = 16
  private static let maxPrefixes = 4_096

  /// Takes the end of an inquiry; returns whether the endpoint deserves another try.
  mutating func take(_ finding: Inquiry.Finding, of endpoint: Endpoint) -> Bool {
    let isKnown = order.known[endpoint] != nil
    count(finding.verdict, of: endpoint)
    switch finding.verdict {
    case .exporter(let identity):
      report.seen[endpoint] = sighting(identity, finding)
    case .busy:
      if isKnown { report.busy.insert(endpoint) }
      noteOther(finding.verdict, of: endpoint)
    case .printer(let suspicion) where suspicion.isCertain || !isKnown:
      if isKnown { report.refused[endpoint] = suspicion.description }
      noteOther(finding.verdict, of: endpoint)
    case _ where isKnown && finding.verdict.breakdown?.isBound == true:
      // It says more than is read, so it is alive; what it is stands behind the bound.
      report.busy.insert(endpoint)
    case .other, .unfinished, .printer:
      noteOther(finding.verdict, of: endpoint)
      guard isKnown else { return false }
      report.missed[endpoint] = finding.verdict.description
      if case .other(.plainHTTP) = finding.verdict { report.plain[endpoint] = finding.verdict.description }
      return order.deservesRetry(finding.verdict, endpoint)
    }
    report.missed[endpoint] = nil
    report.plain[endpoint] = nil
    return false
  }

  mutating func miss(_ endpoint: Endpoint, _ failure: ConnectFailure) {
    report.missed[endpoint] = failure.description
  }

  mutating func noteSuspect(_ endpoint: Endpoint, _ reason: String) { newSuspects[endpoint] = reason }

  private func sighting(_ identity: Identity, _ finding: Inquiry.Finding) -> Sighting {
    let exporter = order.search.catalogue[identity.exporter]
    // Where it was asked is where it answers, unless that was a cheaper place known to be another.
    let path = exporter?.request == finding.target ? exporter?.metricsPath : nil
    return Sighting(
      exporter: identity.exporter, version: identity.version, nodename: identity.nodename,
      startTime: identity.startTime, scheme: finding.scheme,
      metricsPath: path ?? String(finding.target.prefix { $0 != "?" }))
  }

  /// What is no target gets one try, so no verdict takes the place of another.
  private mutating func noteOther(_ verdict: Verdict, of endpoint: Endpoint) {
    guard order.known[endpoint] == nil else { return }
    otherCounts[verdict.kind, default: 0] += 1
    if others.count < ScanOutcome.maxOthers { others[endpoint] = verdict }
  }

  private mutating func count(_ verdict: Verdict, of endpoint: Endpoint) {
    let prefix = Prefix(grouping: endpoint.address, by: order.job.groupBy)
    guard report.missed[endpoint] == nil, accepting.count < Self.maxPrefixes || accepting[prefix] != nil else { return }
    let isSomething =
      switch verdict {
      case .exporter, .busy, .other(.otherExporter): true
      default: false
      }
    accepting[prefix, default: (0, 0)].open += 1
    if isSomething { accepting[prefix]?.proven += 1 }
  }

  /// Where all accept and less than half are anything.
  private var acceptingPrefixes: [Prefix] {
    let endpoints = order.job.endpoints
    return accepting.filter { prefix, counts in
      guard counts.open >= Self.minAccepting, counts.proven * 2 < counts.open else { return false }
      let outside = endpoints.addresses.subtracting(AddressSet([AddressSpan(prefix)]))
      return UInt128(counts.open) == (endpoints.addresses.count - outside.count) * UInt128(endpoints.ports.count)
    }.keys.sorted()
  }

  func outcome(_ summary: SweepSummary, duration: Duration) -> ScanOutcome {
    var report = report
    report.isComplete = summary.end == .complete
    return ScanOutcome(
      report: report, summary: summary, others: others, otherCounts: otherCounts, newSuspects: newSuspects,
      acceptingPrefixes: acceptingPrefixes, duration: duration)
  }
}
