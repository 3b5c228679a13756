/// A rate limit: `rate` tokens a second, of which at most `burst` are saved up.
struct TokenBucket {
  private let interval: UInt64
  private let burst: UInt64
  /// The moment at which the bucket would have been empty; time since then is what may be spent.
  private var emptyAt: UInt64

  /// So late, but by less than a token, may be who takes one, and nothing is lost: epoll wakes at whole milliseconds.
  private static let grace: UInt64 = 1_000_000

  /// `rate` is per second and at least one in 584 years; `now` is monotonic nanoseconds.
  init(rate: Double, burst: Int, now: UInt64) {
    interval = max(1, UInt64((1e9 / max(rate, 1e-9)).rounded()))
    self.burst = UInt64(max(burst, 1))
    emptyAt = now
  }

  /// How many tokens can be taken now.
  mutating func available(at now: UInt64) -> Int {
    forfeit(allBut: burst, at: now)
    return emptyAt > now ? 0 : Int((now - emptyAt) / interval)
  }

  /// Takes one token that `available(at:)` has promised.
  mutating func take() {
    emptyAt += interval
  }

  /// All that was taken lately, so many tokens, was perhaps used only now: as though it had been kept until now.
  mutating func use(_ count: Int, at now: UInt64) {
    forfeit(allBut: burst - min(burst, UInt64(max(count, 0))), at: now)
  }

  private mutating func forfeit(allBut tokens: UInt64, at now: UInt64) {
    let whole = interval.multipliedReportingOverflow(by: tokens)
    let longest = whole.partialValue.addingReportingOverflow(min(Self.grace, interval - 1))
    guard !whole.overflow, !longest.overflow, now > longest.partialValue else { return }
    emptyAt = max(emptyAt, now - longest.partialValue)
  }

  /// When there are enough tokens again to wake up for: half of what may be saved up, or one.
  var nextAt: UInt64 { emptyAt + interval * max(1, burst / 2) }
}
