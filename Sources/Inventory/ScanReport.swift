package import Addressing
package import Exporters

/// What one scan of a job found, as far as the inventory wants to know.
package struct ScanReport: Sendable {
  /// Endpoints proven to be an exporter.
  package var seen: [Endpoint: Sighting]
  /// Endpoints that answered without the time to say what they are: a target of these is alive.
  package var busy: Set<Endpoint>
  /// Targets that did not answer as one, each with the reason as a phrase.
  package var missed: [Endpoint: String]
  /// Those that answered in plain HTTP where only TLS would do, each with the reason as a phrase.
  package var plain: [Endpoint: String]
  /// Endpoints that must not be published, whatever they were, each with the reason as a phrase.
  package var refused: [Endpoint: String]
  /// Whether every endpoint was tried; only then is a missed target a missed scan.
  package var isComplete: Bool

  package init(
    seen: [Endpoint: Sighting] = [:], busy: Set<Endpoint> = [], missed: [Endpoint: String] = [:],
    plain: [Endpoint: String] = [:], refused: [Endpoint: String] = [:], isComplete: Bool
  ) {
    self.seen = seen
    self.busy = busy
    self.missed = missed
    self.plain = plain
    self.refused = refused
    self.isComplete = isComplete
  }
}

/// What an endpoint said it is.
package struct Sighting: Hashable, Sendable {
  package var exporter: String
  package var version: String?
  package var nodename: String?
  /// When the exporter's process began, in seconds since 1970, to a hundredth: addresses of one nodename that share it are
  /// taken for one process.
  package var startTime: Double?
  /// How and where it was asked, and is to be scraped.
  package var scheme: Scheme
  package var metricsPath: String

  package init(
    exporter: String, version: String? = nil, nodename: String? = nil, startTime: Double? = nil, scheme: Scheme = .http,
    metricsPath: String = Exporter.usualPath
  ) {
    self.exporter = exporter
    self.version = version
    self.nodename = nodename
    self.startTime = startTime
    self.scheme = scheme
    self.metricsPath = metricsPath
  }

  /// Whether it said more than somebody's target file could: only what was asked did.
  package var isProven: Bool { version != nil || nodename != nil || startTime != nil }

  /// Whether this is another machine or program than `other`; what either does not tell cannot differ.
  package func contradicts(_ other: Sighting) -> Bool {
    guard exporter == other.exporter else { return true }
    guard let nodename, let otherName = other.nodename else { return false }
    return nodename != otherName
  }

  /// This, with what it does not tell taken from an earlier sighting of the same machine.
  func completed(by earlier: Sighting) -> Sighting {
    var sighting = self
    sighting.version = version ?? earlier.version
    sighting.nodename = nodename ?? earlier.nodename
    sighting.startTime = startTime ?? earlier.startTime
    return sighting
  }
}
