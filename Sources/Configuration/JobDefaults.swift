package import Addressing

/// What `global` says for every job, and a job for itself.
package struct JobDefaults: Hashable, Sendable {
  /// From the start of a scan to the start of the next.
  package var scanInterval = Duration.seconds(60)
  /// For the TCP handshake with an unknown endpoint.
  package var connectTimeout = Duration.milliseconds(300)
  /// For everything after the handshake.
  package var probeTimeout = Duration.seconds(2)
  package var removeAfter = TimeLimit.after(.seconds(24 * 3600))
  /// The share of targets, of the job or of a prefix, that may be silent at once without a hold, in percent.
  package var maxLossPercent = 15
  package var holdLimit = TimeLimit.after(.seconds(7 * 86_400))
  package var duplicates = Duplicates.keep
  package var sweep = SweepChoice.connect
  /// Whether a scan of the daemon is stretched over its interval.
  package var spread = false
  /// Whether addresses outside `AddressSet.local` may be scanned.
  package var allowPublic = false
  /// Never contacted; those of a job come on top of those of `global`.
  package var exclude: [AddressSpan] = []
  /// Where no printer can be; those of a job come on top of those of `global`.
  package var notPrinters: [AddressSpan] = []

  package init() {}
}

/// How long something may last.
package enum TimeLimit: Hashable, Sendable {
  case after(Duration)
  case never
}

/// How endpoints that are no targets are tried; the raw value is what the file says.
package enum SweepChoice: String, Hashable, Sendable, CaseIterable {
  case connect, syn
}

/// What is listed of a machine with several addresses.
package enum Duplicates: String, Hashable, Sendable, CaseIterable {
  case keep, first
}
