internal import Addressing
package import Exporters

/// Plain HTTP where TLS is to be spoken: what is published must not lead Prometheus to send anything in the clear.
extension JobInventory {
  /// How Prometheus is to speak to a target. Where TLS is required that is https, also for what was found over plain HTTP
  /// before it was required: its scrape fails, and nothing of it is sent in the clear.
  package func scheme(of target: Target) -> Scheme {
    policy.encryption == .required ? .https : target.sighting.scheme
  }

  /// The targets that were found or listed without https, and are published with it.
  package var unencrypted: [Target] {
    targets.values.filter { $0.sighting.scheme != scheme(of: $0) }
  }

  /// Whether a sighting says something that may be published. A scan that began before the endpoint was known over TLS may
  /// have asked it in plain HTTP: that is no news of the target, and the next scan will not.
  func accepts(_ sighting: Sighting, at endpoint: Endpoint) -> Bool {
    switch policy.encryption {
    case .optional: true
    case .kept: sighting.scheme == .https || targets[endpoint]?.sighting.scheme != .https
    case .required: sighting.scheme == .https
    }
  }

  /// Tells which of the missed targets were found over TLS and answered in plain HTTP, each once in a silence. Also where
  /// no scan is believed: these did answer, and it may be one machine that answers for all.
  mutating func noteDowngrades(_ missed: [Endpoint], in report: ScanReport) -> [InventoryEvent] {
    guard !report.plain.isEmpty else { return [] }
    var events: [InventoryEvent] = []
    for endpoint in missed {
      guard let reason = report.plain[endpoint], var target = targets[endpoint], var silence = target.silence,
        target.sighting.scheme == .https, !silence.isDowngraded
      else { continue }
      silence.isDowngraded = true
      target.state = .silent(silence)
      targets[endpoint] = target
      revision += 1
      events.append(.downgraded(target, reason: reason))
    }
    return events
  }
}
