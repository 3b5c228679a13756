import Support
import Testing

@testable import Daemon

// The clock is that of timers and of systemd's watchdog: a suspended machine makes nothing overdue.
private let start = SuspendingClock.now

private func schedule(every interval: Duration) -> ScanSchedule {
  ScanSchedule(interval: interval, now: start)
}

@Test func theFirstScanIsDueAtOnce() {
  #expect(schedule(every: .seconds(60)).due == start)
}

@Test func delaysDoNotAddUp() {
  var random = SplitMix(seed: 5)
  var schedule = schedule(every: .seconds(60))
  for scan in 1...1_000 {
    schedule.begin(at: schedule.due + .microseconds(Int.random(in: 0..<59_999_999, using: &random)))
    #expect(schedule.due == start + .seconds(60 * scan))
  }
}

@Test(arguments: [
  // Begins so many seconds after the start, and the next is due so many after it.
  (0, 60), (1, 60), (59, 60), (60, 120), (61, 121), (119, 179), (120, 180), (3_600, 3_660), (1_000_000, 1_000_060),
])
func aWholeIntervalLateStartsANewRow(begin: Int, due: Int) {
  var schedule = schedule(every: .seconds(60))
  schedule.begin(at: start + .seconds(begin))
  #expect(schedule.due == start + .seconds(due))
}

@Test func aLongScanDelaysTheNextAndNoneIsMadeUpFor() {
  var schedule = schedule(every: .seconds(60))
  schedule.begin(at: start)
  // It took 150 s: the next begins then, and the one after it a minute later.
  schedule.begin(at: start + .seconds(150))
  #expect(schedule.due == start + .seconds(210))
}

@Test func aScanJustLongerThanTheIntervalKeepsTheRow() {
  var schedule = schedule(every: .seconds(60))
  var now = start
  for _ in 0..<10 {
    now = max(now, schedule.due)
    schedule.begin(at: now)
    now += .seconds(61)
  }
  // Ten seconds of delay by now; once it is a minute, a new row begins.
  #expect(schedule.due == start + .seconds(600))
}

@Test func theNextScanIsNotOverdueWhenALongOneEnds() {
  var schedule = schedule(every: .seconds(60))
  schedule.begin(at: start)
  // A minute too long: the loop begins the next one as soon as it hears of the end.
  schedule.end(at: start + .seconds(120))
  #expect(!schedule.isOverdue(by: .seconds(10), at: start + .seconds(120)))
  #expect(!schedule.isOverdue(by: .seconds(10), at: start + .seconds(130)))
  #expect(schedule.isOverdue(by: .seconds(10), at: start + .seconds(131)))
}

@Test func aScanIsOverdueFromWhenItWasDue() {
  var schedule = schedule(every: .seconds(60))
  #expect(schedule.isOverdue(by: .seconds(10), at: start + .seconds(11)))
  schedule.begin(at: start)
  schedule.end(at: start + .seconds(5))
  #expect(!schedule.isOverdue(by: .seconds(10), at: start + .seconds(70)))
  #expect(schedule.isOverdue(by: .seconds(10), at: start + .seconds(71)))
}

@Test func theFirstJobGoesOnAWholeIntervalAfterItsFirstScan() {
  #expect(ScanSchedule.phase(ofJob: 0) == 1)
}

/// Jobs that begin together: of each tenth of the interval, its share of them goes on in it.
@Test(arguments: [10, 100, 1_000])
func jobsThatBeginTogetherAreSpreadOverTheInterval(count: Int) {
  var tenths = [Int](repeating: 0, count: 10)
  for job in 0..<count {
    var schedule = ScanSchedule(interval: .seconds(10), phase: ScanSchedule.phase(ofJob: job), now: start)
    schedule.begin(at: start)
    let second = schedule.due
    #expect(second > start && second <= start + .seconds(10))
    schedule.begin(at: second)
    #expect(schedule.due == second + .seconds(10))
    tenths[min(9, Int((second - start) / .seconds(1)))] += 1
  }
  #expect(tenths.allSatisfy { (count / 10 - 1...count / 10 + 2).contains($0) })
}
