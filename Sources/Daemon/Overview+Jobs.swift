internal import Addressing
internal import Configuration
internal import Exporters
internal import Inventory
internal import Pages
internal import Sweeping

extension Overview {
  /// What the status page shows of these jobs.
  init(of jobs: [JobState], _ refusals: Refusals, faults: [String], at moment: Moment) {
    var refused: [String: [RefusedView]] = [:]
    for item in RefusedEndpoint.all(of: jobs, refusals) {
      refused[item.job, default: []].append(RefusedView(item, now: moment.instant))
    }
    self.init(
      version: Daemon.version, summary: jobs.statusSentence, faults: faults,
      jobs: jobs.map { JobView($0, refused: refused[$0.job.name] ?? [], now: moment.instant) },
      wording: Wording(
        duration: { $0.coarseText }, time: { moment.wallTime(of: moment.instant - $0).text }))
  }
}

extension JobView {
  fileprivate init(_ state: JobState, refused: [RefusedView], now: SuspendingClock.Instant) {
    self.init(
      name: state.job.name, addresses: state.job.endpoints.addresses, interval: state.job.scanInterval,
      nextScan: state.schedule.due - now)
    lastScan = state.lastScan(now: now)
    if let running = state.running, let since = state.runningSince {
      progress = ScanProgress(done: running.progress, total: running.total, elapsed: now - since)
    }
    holds = state.inventory.holds.map { hold in
      HoldView(
        sentence: "\(hold.scope.title): \(hold.sentence)", since: now - hold.since,
        release: hold.scope.release(of: state.job.name))
    }
    faults = [state.fault].compactMap(\.self)
    targets = state.inventory.targets.values.map { TargetView($0, of: state.inventory, now: now) }.sorted {
      $0.endpoint < $1.endpoint
    }
    self.refused = refused
    let others = state.lastOutcome
    let moreOfMachines = state.inventory.excess.reduce(0) { $0 + $1.count - $1.endpoints.count }
    moreRefused = (others?.otherCount ?? 0) - (others?.others.count ?? 0) + moreOfMachines
  }
}

extension JobState {
  fileprivate func lastScan(now: SuspendingClock.Instant) -> LastScan? {
    guard let outcome = lastOutcome, let lastEnd else { return nil }
    let sentence =
      if case .incomplete(let failure) = outcome.summary.end {
        "\(failure); \(outcome.numbers)"
      } else {
        outcome.numbers
      }
    return LastScan(
      isComplete: outcome.report.isComplete, sentence: sentence, endedAgo: now - lastEnd, duration: outcome.duration)
  }
}

extension TargetView {
  fileprivate init(_ target: Target, of inventory: JobInventory, now: SuspendingClock.Instant) {
    let sighting = target.sighting
    self.init(
      endpoint: target.endpoint, state: target.silence == nil ? .up : inventory.isHeld(target) ? .held : .silent,
      exporter: sighting.exporter, version: sighting.version, nodename: sighting.nodename, hostname: target.hostname,
      scheme: inventory.scheme(of: target).rawValue, metricsPath: sighting.metricsPath,
      firstSeen: now - target.firstSeen,
      silentSince: target.silence.map { now - $0.since }, reason: target.silence?.reason,
      leavesIn: inventory.timeLeft(of: target), duplicateOf: target.duplicateOf,
      isListed: inventory.lists(target))
  }
}

extension RefusedView {
  fileprivate init(_ item: RefusedEndpoint, now: SuspendingClock.Instant) {
    self.init(
      endpoint: item.endpoint, verdict: item.kind, reason: item.reason, since: item.times.map { now - $0.since },
      askedAgainIn: item.times.map { $0.until - now })
  }
}
