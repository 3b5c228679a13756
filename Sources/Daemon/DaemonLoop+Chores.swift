internal import Systemd

/// What is done for all jobs at once, see `Chores`.
extension DaemonLoop {
  mutating func doChores() {
    for chore in chores.takeWaiting(jobs: jobs.count, now: timerClock.now) {
      switch chore {
      case .store: storeAndSettle()
      case .retire: emptyRetiredFiles()
      case .tell: tellStatusNow()
      case .giveBack: giveBackMemoryNow()
      }
    }
  }

  mutating func isDue(_ chore: Chore) -> Bool { chores.isDue(chore, jobs: jobs.count, now: timerClock.now) }

  /// Gives back what scans have needed, where none is under way.
  mutating func giveBackMemory() { if isDue(.giveBack) { giveBackMemoryNow() } }

  private func giveBackMemoryNow() { if jobs.indices.allSatisfy({ jobs[$0].running == nil }) { Heap.giveBack() } }

  // MARK: Status

  /// Tells the service manager how the jobs are, if that has changed.
  mutating func tellStatus() { if isDue(.tell) { tellStatusNow() } }

  private mutating func tellStatusNow() {
    let sentence = statusSentence
    guard sentence != toldStatus else { return }
    toldStatus = sentence
    notifier.status(sentence)
  }

  /// Tells it without delay, where a start or a reload is finished.
  mutating func tellReady() {
    toldStatus = statusSentence
    notifier.ready(status: toldStatus ?? "")
  }

  var statusSentence: String {
    ([jobs.statusSentence] + faults).joined(separator: "; ")
  }

  /// What is wrong and is of no job alone.
  var faults: [String] { [store.fault, web.fault].compactMap(\.self) }
}
