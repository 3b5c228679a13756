internal import Addressing
internal import Configuration
internal import Dispatch
internal import Logging
internal import Systemd

/// What the service manager lets the daemon reach: packets to other addresses vanish, and whole networks look dead.
extension DaemonLoop {
  /// Asks on a thread of its own, and waits for an answer before it asks again: a service manager that hangs holds up one
  /// thread, however often the configuration is reloaded.
  mutating func askForAddressFilter() {
    guard filterQuestion == .none else {
      filterQuestion = .askedAndDueAgain
      return
    }
    filterQuestion = .asked
    // Not a global queue: see `QueueExecutor`.
    DispatchQueue(label: "service manager").async { @Sendable [askServiceManager, post] in
      post.yield(.filtered(askServiceManager()))
    }
  }

  mutating func take(_ filter: AddressFilter?) {
    let isDueAgain = filterQuestion == .askedAndDueAgain
    filterQuestion = .none
    if let filter { apply(filter) }
    if isDueAgain { askForAddressFilter() }
  }

  /// Tells of each job what it is to scan in vain, until that is something else.
  private mutating func apply(_ filter: AddressFilter) {
    for index in jobs.indices {
      let job = jobs[index].job
      let dropped = filter.dropped(of: job.endpoints.addresses)
      guard dropped != jobs[index].toldBlocked else { continue }
      jobs[index].toldBlocked = dropped
      let spans = dropped.spans
      guard let first = spans.first else {
        log.notice("job '\(job.name)': the service manager denies none of its addresses any more")
        continue
      }
      let others = spans.count > 1 ? " and \((spans.count - 1).of("more range"))" : ""
      log.log(
        .warning, .rangeBlocked, job: job.name,
        "job '\(job.name)': IPAddressDeny= of the unit denies \(first)\(others),"
          + " \(Int(clamping: dropped.count).of("address", "addresses")), so that they look dead; allow them with"
          + " IPAddressAllow= in a drop-in ('systemctl edit subnet-sd'), or take them out of 'ranges'")
    }
  }
}

/// How far the daemon is in asking the service manager.
enum FilterQuestion { case none, asked, askedAndDueAgain }
