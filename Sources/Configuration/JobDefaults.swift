package import Addressing

/// What `global` says for every job, and a job for itself.
package struct JobDefaults: Hashable, Sendable {
  /// From the start of a scan to the start of the next.
  package var scanInterval = Duration.seconds(60)
  /// For the TCP handshake with an unknown endpoint.
  package var connectTimeout = Duration.milliseconds(300)
  /// For everything after the handshake.
  package var probeTimeout = Duration.seconds(2)
  package var removeAfter = RemoveAfter.after(.seconds(24 * 3600))
  /// Whether addresses outside `AddressSet.local` may be scanned.
  package var allowPublic = false
  /// Never contacted; those of a job come on top of those of `global`.
  package var exclude: [AddressSpan] = []

  package init() {}
}

/// How long a silent target stays listed.
package enum RemoveAfter: Hashable, Sendable {
  case after(Duration)
  case never
}
