import Configuration
import Testing

@testable import Daemon

private let start = SuspendingClock.now

/// A watch with a patience of ten seconds, on a clock of its own.
private final class Watch {
  private var watch = ProgressWatch()

  func isAlive(_ subjects: ProgressWatch.Subject..., at seconds: Int) -> Bool {
    watch.isAlive(subjects, patience: .seconds(10), now: start + .seconds(seconds))
  }
}

private func scan(_ scan: Int = 1, of job: Int = 1, at progress: UInt64) -> ProgressWatch.Subject {
  ProgressWatch.Subject(job: job, scan: scan, progress: progress)
}

@Test func withoutAScanTheDaemonIsAlive() {
  let watch = Watch()
  for second in 0..<100 { #expect(watch.isAlive(at: second)) }
}

@Test func aScanThatMovesIsAlive() {
  let watch = Watch()
  for second in 0..<100 { #expect(watch.isAlive(scan(at: UInt64(second / 9)), at: second)) }
}

@Test func aScanThatStandsStillIsAliveForItsPatience() {
  let watch = Watch()
  for second in 0...10 { #expect(watch.isAlive(scan(at: 7), at: second)) }
  #expect(!watch.isAlive(scan(at: 7), at: 11))
  #expect(!watch.isAlive(scan(at: 7), at: 12))
  #expect(watch.isAlive(scan(at: 8), at: 13))
}

/// At a low rate sixty jobs take turns: each stands still for a minute, and none hangs.
@Test func oneThatMovesIsEnough() {
  let watch = Watch()
  _ = watch.isAlive(scan(of: 1, at: 0), scan(of: 2, at: 0), at: 0)
  #expect(watch.isAlive(scan(of: 1, at: 1), scan(of: 2, at: 0), at: 11))
  #expect(watch.isAlive(scan(of: 1, at: 1), scan(of: 2, at: 0), at: 21))
  #expect(!watch.isAlive(scan(of: 1, at: 1), scan(of: 2, at: 0), at: 22))
}

@Test func theNextScanMayBeFoundWhereTheLastOneWas() {
  let watch = Watch()
  for number in 0..<10 { #expect(watch.isAlive(scan(number, at: 2), at: 20 * number)) }
}

@Test func aScanThatIsOverIsForgotten() {
  let watch = Watch()
  #expect(watch.isAlive(scan(at: 7), at: 0))
  #expect(watch.isAlive(at: 5))
  #expect(watch.isAlive(scan(at: 7), at: 20))
}

@Test func aScanThatIsStretchedMayRestForAnHour() {
  let watch = Watch()
  var resting = scan(at: 7)
  resting.isResting = true
  for second in stride(from: 0, through: 3_600, by: 20) { #expect(watch.isAlive(resting, at: second)) }
  // From then on it has to move.
  #expect(watch.isAlive(scan(at: 7), at: 3_609))
  #expect(watch.isAlive(scan(at: 7), at: 3_619))
  #expect(!watch.isAlive(scan(at: 7), at: 3_620))
}

@Test func oneThatRestsDoesNotHideOneThatHangs() {
  let watch = Watch()
  var resting = scan(of: 1, at: 7)
  resting.isResting = true
  #expect(watch.isAlive(resting, scan(of: 2, at: 0), at: 0))
  #expect(watch.isAlive(resting, scan(of: 2, at: 0), at: 10))
  #expect(!watch.isAlive(resting, scan(of: 2, at: 0), at: 11))
}

@Test func patienceCoversEveryTryOfTheSlowestJob() throws {
  let jobs = try jobStates(
    """
    scan_configs:
      - {job_name: quick, ranges: [10.0.0.1], target_file: a.yml}
      - {job_name: slow, ranges: [10.0.0.2], target_file: b.yml, connect_timeout: 60s, probe_timeout: 50s}
    """)
  // Three handshakes, each with the knocks and the question of an examination and three exchanges, a second between
  // them, and a shortage of five.
  #expect(jobs.patience >= .seconds(3 * (60 + 3 * 60 + 50 + 3 * 50) + 2 + 5))
  #expect(Array(jobs.prefix(1)).patience < .seconds(60))
}
