package import Addressing

/// Something that happened to a target or to a job's targets together, with its reason.
package enum InventoryEvent: Hashable, Sendable {
  case new(Target)
  case silent(Target, reason: String)
  /// It was found over TLS, and answers in plain HTTP.
  case downgraded(Target, reason: String)
  case back(Target, silentFor: Duration)
  case gone(Target, Departure)
  /// An operator, told by the number of the user, has dropped it.
  case forgotten(Target, by: UInt32)
  /// It answers as the same process as the target at `of`.
  case duplicate(Target, of: Endpoint)
  /// It is no further address any more, or stands in for the first one, which does not answer.
  case distinct(Target, standingInFor: Endpoint?)
  /// It shows the same process as `with`, and both were machines of their own before: one of them may copy the other.
  case shared(Target, with: Endpoint)
  /// Not all addresses of a machine are listed.
  case crowded(Excess)
  case holdBegun(Hold)
  case holdEnded(Hold, HoldEnd)
}

/// Why a target is published no longer.
package enum Departure: Hashable, Sendable {
  /// Silent for longer than `remove_after`; the time is what counted.
  case silent(for: Duration, missedScans: Int)
  /// Another machine or program answers at its endpoint.
  case replaced(by: Sighting)
  /// It must not be published; why, as a phrase.
  case refused(String)
  /// The configuration does not name its endpoint any more.
  case unconfigured
  /// Another job scans its endpoint now, and has taken it over.
  case moved(toJob: String)
}

/// Removals stopped, because too many targets of a job or of a prefix are silent at once.
package struct Hold: Hashable, Sendable {
  package enum Scope: Hashable, Sendable {
    case job
    case prefix(Prefix)
  }

  package let scope: Scope
  package let since: SuspendingClock.Instant
  /// How long it was on while scans were complete and believed; this is what `hold_limit` bounds.
  package var age = Duration.zero
  /// How many of `total` targets are silent; those that are known to be gone do not count.
  package var silent: Int
  package var total: Int

  package init(scope: Scope, since: SuspendingClock.Instant, silent: Int, total: Int) {
    self.scope = scope
    self.since = since
    self.silent = silent
    self.total = total
  }

  /// Whether nothing at all answers: then the scan itself is not believed.
  package var isTotal: Bool { silent == total }
}

/// Why a hold is over.
package enum HoldEnd: Hashable, Sendable {
  /// The loss is clearly less than it may be; the time of the hold does not count.
  case recovered
  /// An operator, told by the number of the user, has said that what is silent is gone; the time counts.
  case released(by: UInt32)
  /// It was on for `hold_limit`; the time counts.
  case limit
  /// The configuration groups targets differently now, or has no such job.
  case reconfigured
}
