/// A rate limit: `rate` tokens a second, of which at most `burst` are saved up.
struct TokenBucket {
  private let interval: UInt64
  private let burst: UInt64
  /// The moment at which the bucket would have been empty; time since then is what may be spent.
  private var emptyAt: UInt64

  /// `rate` is per second and at least one in 584 years; `now` is monotonic nanoseconds.
  init(rate: Double, burst: Int, now: UInt64) {
    interval = max(1, UInt64((1e9 / max(rate, 1e-9)).rounded()))
    self.burst = UInt64(max(burst, 1))
    emptyAt = now
  }

  /// How many tokens can be taken now.
  mutating func available(at now: UInt64) -> Int {
    let longest = interval.multipliedReportingOverflow(by: burst)
    if !longest.overflow, now > longest.partialValue, emptyAt < now - longest.partialValue {
      emptyAt = now - longest.partialValue
    }
    return emptyAt > now ? 0 : Int((now - emptyAt) / interval)
  }

  /// Takes one token that `available(at:)` has promised.
  mutating func take() {
    emptyAt += interval
  }

  /// When there are enough tokens again to wake up for: half of what may be saved up, or one.
  var nextAt: UInt64 { emptyAt + interval * max(1, burst / 2) }
}
