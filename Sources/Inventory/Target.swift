package import Addressing

/// An endpoint that is published for Prometheus.
package struct Target: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case up
    /// Out of line, as most targets are up.
    indirect case silent(Silence)
  }

  package let endpoint: Endpoint
  package var sighting: Sighting
  package var state: State
  /// When the scan ended that found it.
  package let firstSeen: SuspendingClock.Instant
  /// When the machine that answers here first showed which it is: its exporter, nodename and time of start. Restarts do
  /// not change it.
  package internal(set) var identitySince: SuspendingClock.Instant
  /// Set where this is another address of a machine.
  package internal(set) var further: Further?
  /// What the DNS calls its address.
  package var hostname: String?

  package init(
    endpoint: Endpoint, sighting: Sighting, state: State = .up, firstSeen: SuspendingClock.Instant,
    hostname: String? = nil
  ) {
    self.endpoint = endpoint
    self.sighting = sighting
    self.state = state
    self.firstSeen = firstSeen
    identitySince = firstSeen
    self.hostname = hostname
  }

  /// The target that stands for this machine, where this is another address of it and that one answers.
  package var duplicateOf: Endpoint? { further.flatMap { $0.standsIn ? nil : $0.of } }

  /// The silence, nil where the target is up.
  package var silence: Silence? {
    if case .silent(let silence) = state { silence } else { nil }
  }
}

/// Another address of a machine that is a target already.
package struct Further: Hashable, Sendable {
  /// The first address of it.
  package let of: Endpoint
  /// Whether this one is listed beside the first, which does not answer.
  package internal(set) var standsIn = false

  init(of first: Endpoint) {
    of = first
  }
}

/// How long a target has not answered, and what of that counts.
package struct Silence: Hashable, Sendable {
  /// When the first complete scan ended that missed it.
  package let since: SuspendingClock.Instant
  /// How many complete scans in a row have missed it, at least.
  package var missedScans = 1
  /// What the last of them met, as a phrase.
  package var reason: String
  /// The time that counts towards `remove_after`: between scans that missed it, without holds and incomplete scans.
  package var counted = Duration.zero
  /// The time under the present hold; it counts after all if the hold proves wrong.
  package var held = Duration.zero
  /// Whether somebody, or `hold_limit`, has said that it is really gone: it is no loss to hold for any more.
  package var isConfirmed = false
  /// Whether it has been told; not where everything was silent at once.
  package var isAnnounced = false
  /// Whether it answered in plain HTTP meanwhile, though it was found over TLS; that is told when it begins.
  package var isDowngraded = false

  package init(since: SuspendingClock.Instant, reason: String) {
    self.since = since
    self.reason = reason
  }

  /// Counts the time under a hold, and takes the target out of what further losses are judged by.
  mutating func confirm() {
    counted += held
    held = .zero
    isConfirmed = true
  }
}
