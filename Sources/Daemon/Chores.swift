internal import Dispatch

/// What concerns all jobs at once, so that its cost grows with their number.
enum Chore: CaseIterable {
  /// Stores the inventory, and publishes what has waited for that.
  case store
  /// Empties the target files that are kept no longer.
  case retire
  /// Tells the service manager how the jobs are.
  case tell
  /// Gives back memory.
  case giveBack
}

/// Decides when chores are done: with a few jobs at once, with many at most once in a millisecond for each job.
///
/// So a scan's share of them stays the same however many jobs there are.
struct Chores {
  private let timer: OneShotTimer
  private var earliest: [Chore: SuspendingClock.Instant] = [:]
  private var pending: Set<Chore> = []

  /// With so many jobs or fewer, nothing waits.
  static let fewJobs = 10
  /// The longest time that a chore waits.
  static let longestPause = Duration.seconds(1)

  /// `body` hears when what has waited is to be done.
  init(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) {
    timer = OneShotTimer(on: queue, body)
  }

  /// How long a chore waits after it was done last.
  static func pause(jobs: Int) -> Duration {
    jobs <= fewJobs ? .zero : min(longestPause, .milliseconds(jobs))
  }

  /// Whether a chore is to be done now; if not, it waits, and is among the due ones later.
  mutating func isDue(_ chore: Chore, jobs: Int, now: SuspendingClock.Instant) -> Bool {
    let wait = earliest[chore].map { $0 - now } ?? .zero
    guard wait > .zero, jobs > Self.fewJobs else {
      noteDone(chore, jobs: jobs, now: now)
      return true
    }
    if pending.isEmpty { timer.fire(in: wait) }
    pending.insert(chore)
    return false
  }

  /// Takes the chores that have waited, in their order; the caller does them now.
  mutating func takeWaiting(jobs: Int, now: SuspendingClock.Instant) -> [Chore] {
    let due = Chore.allCases.filter(pending.contains)
    for chore in due { noteDone(chore, jobs: jobs, now: now) }
    return due
  }

  private mutating func noteDone(_ chore: Chore, jobs: Int, now: SuspendingClock.Instant) {
    pending.remove(chore)
    earliest[chore] = now + Self.pause(jobs: jobs)
  }
}
