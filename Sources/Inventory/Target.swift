package import Addressing

/// An endpoint that is published for Prometheus.
package struct Target: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case up
    /// Unanswered since the first of `missedScans` complete scans in a row.
    case silent(since: ContinuousClock.Instant, missedScans: Int)
  }

  package let endpoint: Endpoint
  package var sighting: Sighting
  package var state: State

  package init(endpoint: Endpoint, sighting: Sighting, state: State = .up) {
    self.endpoint = endpoint
    self.sighting = sighting
    self.state = state
  }
}

/// Something that happened to a target, with its reason.
package enum TargetEvent: Hashable, Sendable {
  case new(Target)
  case silent(Target, reason: String)
  case back(Target, silentFor: Duration)
  case gone(Target, Departure)
}

/// Why a target is published no longer.
package enum Departure: Hashable, Sendable {
  /// Silent for longer than `remove_after`.
  case silent(for: Duration, missedScans: Int)
  /// Another machine or program answers at its endpoint.
  case replaced(by: Sighting)
  /// The configuration does not name its endpoint any more.
  case unconfigured
}

/// How long a silent target stays.
package enum Removal: Hashable, Sendable {
  /// At least this long, and never after fewer than three missed scans, so that no clock removes anything by itself;
  /// zero means the first missed scan.
  case after(Duration)
  case never

  /// Missed scans that must come together before time counts at all.
  static let minMissedScans = 3

  func isDue(silentFor duration: Duration, missedScans: Int) -> Bool {
    switch self {
    case .never: false
    case .after(.zero): missedScans >= 1
    case .after(let limit): missedScans >= Self.minMissedScans && duration >= limit
    }
  }
}
