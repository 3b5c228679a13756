internal import Glibc

/// How many descriptors the process may have open.
package enum DescriptorLimit {
  /// What the process needs beside connections in flight and knocks: standard streams, epoll, event loops, journal,
  /// files, the resolver.
  static let reserve = 64

  /// Raises the soft limit as far as `concurrency` connections, and `others` beside them, need and the hard limit allows;
  /// returns how many connections fit.
  package static func makeRoom(for concurrency: Int, others: Int = 0) -> Int {
    let reserve = reserve + others
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return concurrency
    }
    let needed = rlim_t(concurrency + KnockQueue.width(beside: concurrency) + reserve)
    if limit.rlim_cur < needed {
      var raised = limit
      raised.rlim_cur = min(needed, limit.rlim_max)
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    guard limit.rlim_cur < needed else { return concurrency }
    let room = Int(limit.rlim_cur) - reserve
    return max(1, room - KnockQueue.width(beside: room / 2))
  }
}
