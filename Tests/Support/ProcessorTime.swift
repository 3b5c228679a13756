import Glibc

/// What work costs, in processor time of this thread, so that it can be compared on a machine that is busy with other tests.
package enum ProcessorTime {
  /// How many times as much `work` costs with four times the size: some 4 if each part is looked at once, 16 if each is looked
  /// at again with every other. The least of several attempts, as noise only adds.
  package static func growth(from size: Int, _ work: (Int) throws -> Void) rethrows -> Double {
    var (small, large) = (Double.infinity, Double.infinity)
    for _ in 0..<5 {
      small = min(small, try nanoseconds { try work(size) })
      large = min(large, try nanoseconds { try work(4 * size) })
    }
    return large / small
  }

  /// Between linear and quadratic, far from both.
  package static let linear = 0.0..<8.0

  private static func nanoseconds(_ work: () throws -> Void) rethrows -> Double {
    let start = now()
    try work()
    return now() - start
  }

  private static func now() -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
}
