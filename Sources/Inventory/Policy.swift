/// What a job says about the lives of its targets.
package struct Policy: Hashable, Sendable {
  /// How long a silent target stays (`remove_after`).
  package var removal: Removal
  /// The share of targets, of the job or of a prefix, that may be silent at once without a hold, in percent; 100 means
  /// that there are no holds (`max_loss`).
  package var maxLossPercent: Int
  /// When a hold gives way, nil for never (`hold_limit`).
  package var holdLimit: Duration?
  /// The length of the IPv4 prefixes whose loss is judged by itself (`group_by`).
  package var groupBy: Int
  /// Whether of a machine with several addresses only one is listed (`duplicates: first`).
  package var listsFirstOnly: Bool
  /// What is asked of how targets are spoken to (`scheme`, and what else the job says).
  package var encryption: Encryption

  package init(
    removal: Removal, maxLossPercent: Int = 15, holdLimit: Duration? = .seconds(7 * 86_400), groupBy: Int = 24,
    listsFirstOnly: Bool = false, encryption: Encryption = .kept
  ) {
    self.removal = removal
    self.maxLossPercent = maxLossPercent
    self.holdLimit = holdLimit
    self.groupBy = groupBy
    self.listsFirstOnly = listsFirstOnly
    self.encryption = encryption
  }
}

/// Which targets are spoken to over TLS.
package enum Encryption: Hashable, Sendable {
  /// None has to be: the job says `scheme: http`.
  case optional
  /// Each that was found so once, for as long as it is a target.
  case kept
  /// All: none is published for plain HTTP, however it was found.
  case required
}

/// How long a silent target stays.
package enum Removal: Hashable, Sendable {
  /// At least this long, and never after fewer than three missed scans of this process, so that no clock removes
  /// anything by itself; zero means the first missed scan.
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

  /// How much of the time in which nobody scanned counts as silence: a restart takes seconds and a reboot minutes, and
  /// more may be a clock that was set, or an outage in which everything was silent.
  package var longestGap: Duration {
    guard case .after(let limit) = self else { return .zero }
    return limit / 4
  }
}
