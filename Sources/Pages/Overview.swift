package import Addressing

/// All that the status page shows, at one moment.
///
/// Text in it is as the network wrote it; the page escapes.
package struct Overview: Sendable {
  package var version: String
  /// One sentence with numbers.
  package var summary: String
  /// Sentences on what somebody has to do something about and that is of no job alone.
  package var faults: [String]
  package var jobs: [JobView]
  package var wording: Wording

  package init(version: String, summary: String, faults: [String] = [], jobs: [JobView], wording: Wording) {
    self.version = version
    self.summary = summary
    self.faults = faults
    self.jobs = jobs
    self.wording = wording
  }
}

/// How times are written.
package struct Wording: Sendable {
  /// The two largest units of a duration: `3d4h`, `12s`.
  package var duration: @Sendable (Duration) -> String
  /// The wall time, RFC 3339, of what was so long ago.
  package var time: @Sendable (_ ago: Duration) -> String

  package init(
    duration: @escaping @Sendable (Duration) -> String, time: @escaping @Sendable (_ ago: Duration) -> String
  ) {
    self.duration = duration
    self.time = time
  }
}

/// A job and what it knows.
package struct JobView: Sendable {
  package var name: String
  /// What it scans, without what is excluded.
  package var addresses: AddressSet
  package var interval: Duration
  /// How long until the next scan is due; negative where it is late.
  package var nextScan: Duration
  package var lastScan: LastScan?
  package var progress: ScanProgress?
  package var holds: [HoldView] = []
  /// Sentences on what is wrong, such as with its target file.
  package var faults: [String] = []
  package var targets: [TargetView] = []
  package var refused: [RefusedView] = []
  /// How many more are refused than `refused` tells.
  package var moreRefused = 0

  package init(name: String, addresses: AddressSet, interval: Duration, nextScan: Duration) {
    self.name = name
    self.addresses = addresses
    self.interval = interval
    self.nextScan = nextScan
  }
}

/// The scan that ended last.
package struct LastScan: Hashable, Sendable {
  package var isComplete: Bool
  /// What it did, in numbers, or why it is incomplete.
  package var sentence: String
  package var endedAgo: Duration
  package var duration: Duration

  package init(isComplete: Bool, sentence: String, endedAgo: Duration, duration: Duration) {
    self.isComplete = isComplete
    self.sentence = sentence
    self.endedAgo = endedAgo
    self.duration = duration
  }
}

/// How far the scan under way is, in endpoints.
package struct ScanProgress: Hashable, Sendable {
  package var done: UInt64
  package var total: UInt64
  package var elapsed: Duration

  package init(done: UInt64, total: UInt64, elapsed: Duration) {
    self.done = done
    self.total = total
    self.elapsed = elapsed
  }
}

/// Removals that are stopped.
package struct HoldView: Hashable, Sendable {
  /// Which, and how many are silent.
  package var sentence: String
  package var since: Duration
  /// The command that ends it.
  package var release: String

  package init(sentence: String, since: Duration, release: String) {
    self.sentence = sentence
    self.since = since
    self.release = release
  }
}

/// A target; durations are how long ago something was.
package struct TargetView: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    case up, silent, held
  }

  package var endpoint: Endpoint
  package var state: State
  package var exporter: String
  package var version: String?
  package var nodename: String?
  package var hostname: String?
  package var scheme: String
  package var metricsPath: String
  package var firstSeen: Duration
  /// Nil while it is up.
  package var silentSince: Duration?
  /// What the last scan met instead of an answer.
  package var reason: String?
  /// When it leaves if it goes on like this, nil where it does not.
  package var leavesIn: Duration?
  package var duplicateOf: Endpoint?
  /// Whether Prometheus is told of it.
  package var isListed: Bool

  package init(
    endpoint: Endpoint, state: State, exporter: String, version: String? = nil, nodename: String? = nil,
    hostname: String? = nil, scheme: String = "http", metricsPath: String = "/metrics", firstSeen: Duration,
    silentSince: Duration? = nil, reason: String? = nil, leavesIn: Duration? = nil, duplicateOf: Endpoint? = nil,
    isListed: Bool = true
  ) {
    self.endpoint = endpoint
    self.state = state
    self.exporter = exporter
    self.version = version
    self.nodename = nodename
    self.hostname = hostname
    self.scheme = scheme
    self.metricsPath = metricsPath
    self.firstSeen = firstSeen
    self.silentSince = silentSince
    self.reason = reason
    self.leavesIn = leavesIn
    self.duplicateOf = duplicateOf
    self.isListed = isListed
  }
}

/// An endpoint that answers and is no target.
package struct RefusedView: Hashable, Sendable {
  package var endpoint: Endpoint
  /// The word for the verdict: `printer`, `unauthorized`, `other_exporter`, …
  package var verdict: String
  package var reason: String
  /// Since when it is left alone; nil where it is asked at each scan.
  package var since: Duration?
  package var askedAgainIn: Duration?

  package init(
    endpoint: Endpoint, verdict: String, reason: String, since: Duration? = nil, askedAgainIn: Duration? = nil
  ) {
    self.endpoint = endpoint
    self.verdict = verdict
    self.reason = reason
    self.since = since
    self.askedAgainIn = askedAgainIn
  }
}
