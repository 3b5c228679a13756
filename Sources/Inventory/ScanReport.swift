package import Addressing

/// What one scan of a job found, as far as the inventory wants to know.
package struct ScanReport: Sendable {
  /// Endpoints proven to be an exporter.
  package var seen: [Endpoint: Sighting]
  /// Endpoints that answered without the time to say what they are: a target of these is alive.
  package var busy: Set<Endpoint>
  /// Targets that did not answer as one, each with the reason as a phrase.
  package var missed: [Endpoint: String]
  /// Whether every endpoint was tried; only then is a missed target a missed scan.
  package var isComplete: Bool

  package init(
    seen: [Endpoint: Sighting] = [:], busy: Set<Endpoint> = [], missed: [Endpoint: String] = [:],
    isComplete: Bool
  ) {
    self.seen = seen
    self.busy = busy
    self.missed = missed
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

  package init(exporter: String, version: String? = nil, nodename: String? = nil, startTime: Double? = nil) {
    self.exporter = exporter
    self.version = version
    self.nodename = nodename
    self.startTime = startTime
  }

  /// Whether this is another machine or program than `other`; what either does not tell cannot differ.
  package func contradicts(_ other: Sighting) -> Bool {
    guard exporter == other.exporter else { return true }
    guard let nodename, let otherName = other.nodename else { return false }
    return nodename != otherName
  }

  /// This, with what it does not tell taken from an earlier sighting of the same machine.
  func completed(by earlier: Sighting) -> Sighting {
    Sighting(
      exporter: exporter, version: version ?? earlier.version, nodename: nodename ?? earlier.nodename,
      startTime: startTime ?? earlier.startTime)
  }
}
