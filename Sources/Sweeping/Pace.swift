internal import Addressing

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

  private var limits: SweepLimits
  private var attempts: TokenBucket
  /// How many attempts were made in this turn of the loop.
  private var made = 0
  private var neighbours: NeighbourShare
  /// At most `limits.concurrency`; less after this machine ran out of something.
  private var concurrency: Int
  private var cutAt: UInt64 = 0
  private var pausedUntil: UInt64 = 0
  private var starvedSince: UInt64?

  /// A pause after a shortage, and how long a shortage with nothing in flight is borne.
  private static let shortPause: UInt64 = 50_000_000
  private static let sendPause: UInt64 = 1_000_000
  private static let patience: UInt64 = 5_000_000_000
  private static let recovery: UInt64 = 1_000_000_000

  init(
    _ limits: SweepLimits, now: UInt64, tableSize: Int = NeighbourTable.size,
    unanswered: Int = NeighbourTable.unanswered
  ) {
    self.limits = limits
    concurrency = limits.concurrency
    attempts = Self.bucket(limits, now)
    neighbours = NeighbourShare(tableSize: tableSize, unanswered: unanswered, now: now)
  }

  /// Eight milliseconds' worth are saved up, and half of that is waited for, so that the loop need not wake for each: no ten
  /// milliseconds see twice the rate, however the loop is held up.
  private static func bucket(_ limits: SweepLimits, _ now: UInt64) -> TokenBucket {
    TokenBucket(rate: Double(limits.rate), burst: limits.rate / 125, now: now)
  }

  /// Goes on with other limits; what the neighbour table holds is what it was.
  mutating func adjust(to limits: SweepLimits, now: UInt64) {
    self.limits = limits
    concurrency = limits.concurrency
    attempts = Self.bucket(limits, now)
  }

  mutating func allowance(inFlight: Int, at now: UInt64) -> Allowance {
    if inFlight >= concurrency { return .whenOneLands }
    if now < pausedUntil { return .at(pausedUntil) }
    return attempts.available(at: now) > 0 ? .now : .at(attempts.nextAt)
  }

  /// When the rate lets the next attempt be made.
  var nextAttemptAt: UInt64 { max(attempts.nextAt, pausedUntil) }

  /// An attempt is made, at the end of the turn at the latest.
  mutating func spend() {
    attempts.take()
    made += 1
  }

  /// All attempts of this turn are made.
  mutating func endTurn(at now: UInt64) {
    attempts.use(made, at: now)
    made = 0
  }

  /// Whether an address of an attached network may be contacted: it has a place in the neighbour table, or takes one of our
  /// share. Who was contacted just now, as `isFirst` is false, is in any case.
  mutating func takeNeighbour(_ address: Address, isFirst: Bool, at now: UInt64) -> Bool {
    if isFirst { return neighbours.take(address, at: now) }
    neighbours.touch(address, at: now)
    return true
  }

  var nextNeighbourAt: UInt64 { neighbours.nextAt }

  /// What was to be sent does not fit into the queues of this machine just now.
  mutating func congest(at now: UInt64) {
    pausedUntil = now + Self.sendPause
  }

  /// This machine ran out of something: no more connections than now, and a short pause.
  mutating func starve(inFlight: Int, at now: UInt64) -> Outlook {
    // One that is long ago was another, though nothing was tried since.
    let since = now - cutAt > Self.patience ? now : starvedSince ?? now
    concurrency = max(1, min(concurrency, inFlight))
    cutAt = now
    pausedUntil = now + Self.shortPause
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
