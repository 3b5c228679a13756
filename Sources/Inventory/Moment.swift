/// One moment on the clock that nobody can set and on the clock that is written down.
package struct Moment: Hashable, Sendable {
  package let instant: SuspendingClock.Instant
  package let wall: WallTime

  package init(instant: SuspendingClock.Instant, wall: WallTime) {
    self.instant = instant
    self.wall = wall
  }

  /// The wall time of another instant, as far as the wall clock is right now.
  package func wallTime(of other: SuspendingClock.Instant) -> WallTime {
    WallTime(milliseconds: wall.milliseconds - (instant - other).wholeMilliseconds)
  }

  /// The instant of a wall time that was written down earlier; never later than this moment, whatever happened to the
  /// wall clock since.
  func instant(of other: WallTime) -> SuspendingClock.Instant { min(instant, unboundedInstant(of: other)) }

  /// Likewise, for what matters only beside others: where the wall clock was set back, they keep their order.
  func unboundedInstant(of other: WallTime) -> SuspendingClock.Instant {
    let (age, isTooLong) = wall.milliseconds.subtractingReportingOverflow(other.milliseconds)
    return instant - .milliseconds(isTooLong ? 0 : age)
  }
}

/// Milliseconds since 1970, without leap seconds.
package struct WallTime: Hashable, Comparable, Sendable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }
}

extension Duration {
  /// Rounded down.
  var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
    let part = attoseconds / 1_000_000_000_000_000 - (attoseconds % 1_000_000_000_000_000 < 0 ? 1 : 0)
    return isTooLong ? (seconds < 0 ? .min / 2 : .max / 2) : product + part
  }
}
