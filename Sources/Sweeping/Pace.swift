/// How fast and how wide the loop may go: the configured rate and concurrency, the neighbour table's share, and less
/// where this machine runs out of something.
struct Pace {
  enum Allowance {
    case now
    case at(UInt64)
    case whenOneLands
  }

  enum Outlook {
    case waiting
    case hopeless
  }

  private let limits: SweepLimits
  private var attempts: TokenBucket
  private var neighbours: TokenBucket
  /// At most `limits.concurrency`; less after this machine ran out of something.
  private var concurrency: Int
  private var cutAt: UInt64 = 0
  private var pausedUntil: UInt64 = 0
  private var starvedSince: UInt64?

  /// A pause after a shortage, and how long a shortage with nothing in flight is borne.
  private static let shortPause: UInt64 = 50_000_000
  private static let patience: UInt64 = 5_000_000_000
  private static let recovery: UInt64 = 1_000_000_000

  init(_ limits: SweepLimits, now: UInt64) {
    self.limits = limits
    concurrency = limits.concurrency
    // Ten milliseconds' worth: the loop wakes about once a millisecond.
    attempts = TokenBucket(rate: Double(limits.rate), burst: limits.rate / 100, now: now)
    neighbours = NeighbourTable.bucket(now: now)
  }

  mutating func allowance(inFlight: Int, at now: UInt64) -> Allowance {
    if inFlight >= concurrency { return .whenOneLands }
    if now < pausedUntil { return .at(pausedUntil) }
    return attempts.available(at: now) > 0 ? .now : .at(attempts.nextAt)
  }

  mutating func spend() { attempts.take() }

  /// Takes a place in the neighbour table if one of our share is free.
  mutating func takeNeighbour(at now: UInt64) -> Bool {
    guard neighbours.available(at: now) > 0 else { return false }
    neighbours.take()
    return true
  }

  var nextNeighbourAt: UInt64 { neighbours.nextAt }

  /// This machine ran out of something: no more connections than now, and a short pause.
  mutating func starve(inFlight: Int, at now: UInt64) -> Outlook {
    concurrency = max(1, min(concurrency, inFlight))
    cutAt = now
    pausedUntil = now + Self.shortPause
    let since = starvedSince ?? now
    starvedSince = since
    return inFlight == 0 && now - since > Self.patience ? .hopeless : .waiting
  }

  /// Whether a shortage has lasted for longer than is borne.
  func isStarved(at now: UInt64) -> Bool { starvedSince.map { now - $0 > Self.patience } ?? false }

  /// An attempt began: the shortage is over, and each second without another doubles what may be in flight.
  mutating func succeed(at now: UInt64) {
    starvedSince = nil
    guard concurrency < limits.concurrency, now - cutAt > Self.recovery else { return }
    concurrency = min(limits.concurrency, concurrency * 2)
    cutAt = now
  }
}
