/// When first tries are due: evenly far apart, or all at once.
struct Stretch {
  /// In monotonic nanoseconds, like every time here.
  private(set) var nextAt: UInt64
  /// From one try to the next; zero where they are not stretched.
  private let step: UInt64

  /// A delay is made up for if it is shorter; a longer one would end in a burst.
  private static let slack: UInt64 = 100_000_000

  /// `count` tries over a duration from `now` on, or at once where there is none.
  init(_ count: UInt64, over duration: Duration?, now: UInt64) {
    step = (duration?.nanoseconds ?? 0) / max(count, 1)
    nextAt = now
  }

  func isDue(at now: UInt64) -> Bool { nextAt <= now }

  /// A try is made now.
  mutating func take(at now: UInt64) {
    guard step > 0 else { return }
    nextAt = max(nextAt, now - min(now, Self.slack)) + step
  }
}

extension Duration {
  /// Whole nanoseconds, not below zero; a duration beyond 500 years is cut to that.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, 15_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
