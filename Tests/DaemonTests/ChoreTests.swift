import Dispatch
import Testing

@testable import Daemon

@Suite struct ChoreTimes {
  private let start = SuspendingClock.now

  private func chores() -> Chores { Chores(on: DispatchQueue(label: "test")) {} }

  /// What happens in a minute in which each of so many jobs is scanned each ten seconds: how often the chore is done.
  private func timesDone(jobs: Int) -> Int {
    var chores = chores()
    var (done, waitsUntil) = (0, Duration?.none)
    for scan in 0..<jobs * 6 {
      let now = Duration.seconds(60) * scan / (jobs * 6)
      if let due = waitsUntil, due <= now {
        done += chores.takeWaiting(jobs: jobs, now: start + due).count
        waitsUntil = nil
      }
      if chores.isDue(.tell, jobs: jobs, now: start + now) {
        done += 1
      } else if waitsUntil == nil {
        waitsUntil = now + Chores.pause(jobs: jobs)
      }
    }
    return done
  }

  @Test(arguments: [1, 2, 10])
  func withAFewJobsNothingWaits(jobs: Int) {
    #expect(timesDone(jobs: jobs) == jobs * 6)
  }

  @Test func withManyJobsItIsDoneOnceASecond() {
    #expect((50...61).contains(timesDone(jobs: 1_000)))
    // A job's share is its millisecond, so that twice as many jobs take twice as long at most.
    #expect(timesDone(jobs: 500) <= 500 * 6)
    #expect(timesDone(jobs: 500) <= 2 * timesDone(jobs: 1_000) + 2)
  }

  @Test(arguments: [
    (10, Duration.zero), (11, .milliseconds(11)), (500, .milliseconds(500)), (1_000, .seconds(1)), (5_000, .seconds(1)),
  ])
  func thePauseIsAMillisecondForEachJobAndASecondAtMost(jobs: Int, pause: Duration) {
    #expect(Chores.pause(jobs: jobs) == pause)
  }

  @Test func whatWaitsIsDoneOnceAndInItsOrder() {
    var chores = chores()
    func isDue(_ chore: Chore, after milliseconds: Int) -> Bool {
      chores.isDue(chore, jobs: 100, now: start + .milliseconds(milliseconds))
    }
    #expect(Chore.allCases.reversed().map { isDue($0, after: 0) } == [true, true, true, true])
    for _ in 0..<3 { #expect(Chore.allCases.reversed().map { isDue($0, after: 99) } == [false, false, false, false]) }
    let (due, dueAgain) = (
      chores.takeWaiting(jobs: 100, now: start + .milliseconds(100)),
      chores.takeWaiting(jobs: 100, now: start + .milliseconds(100))
    )
    #expect(due == Chore.allCases)
    #expect(dueAgain == [])
    #expect([isDue(.store, after: 199), isDue(.tell, after: 200)] == [false, true])
  }

  /// A reload may leave few jobs of many.
  @Test func whatWaitsForManyJobsIsDoneAtOnceForFew() {
    var chores = chores()
    let due = [1_000, 1_000, 2].map { chores.isDue(.tell, jobs: $0, now: start) }
    #expect(due == [true, false, true])
    let waiting = chores.takeWaiting(jobs: 2, now: start)
    #expect(waiting == [])
  }
}
