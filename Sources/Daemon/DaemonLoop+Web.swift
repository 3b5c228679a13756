internal import Addressing
internal import Configuration
internal import Inventory
internal import Logging
internal import Pages
internal import Publishing
internal import Sweeping
internal import Systemd
internal import Web

/// HTTP clients: what they see, and where they connect.
extension DaemonLoop {
  /// Listens where the configuration says; what is in the way is told once, and tried again.
  mutating func openWeb() {
    let backend = Backend(
      look: { [post] body in post.yield(.looked(reply: body)) },
      reload: { [post] body in post.yield(.reloadAsked(reply: body)) })
    let before = web.fault
    switch web.open(settings.web, backend) {
    case .unchanged: break
    case .listening(let place): log.info("listening to HTTP on \(place)")
    case .closed: log.info("listening to HTTP no longer")
    }
    tell(webFaultAfter: before)
  }

  mutating func noteWebConfig() {
    let before = web.fault
    web.noteConfig()
    tell(webFaultAfter: before)
  }

  private mutating func tell(webFaultAfter before: String?) {
    guard web.fault != before else { return }
    if let fault = web.fault { log.error("\(fault)") } else { log.notice("what was wrong with HTTP is mended") }
    tellStatus()
  }

  /// Reloads now or, soon after another reload, a moment later; `reply` is that of a client, nil for SIGHUP.
  mutating func askReload(_ reply: ReloadGate.Reply?) {
    if let reply, !settings.web.enableLifecycle { return reply(.disabled) }
    guard let wait = reloadGate.ask(reply, now: timerClock.now) else { return }
    if wait > .zero { reloadTimer.fire(in: wait) } else { beginReload() }
  }

  mutating func beginReload() {
    let replies = reloadGate.begin()
    let began = timerClock.now
    let lines = reload()
    reloadGate.end(began: began, now: timerClock.now)
    for reply in replies { reply(lines.isEmpty ? .done : .refused(lines)) }
  }

  mutating func snapshot() -> Snapshot {
    let (jobs, now, faults) = (jobs, moment(), faults)
    let refusals = scanner.refusals { book, _ in book }
    let metrics = DaemonMetrics(
      jobs: jobs, counts: counts, refusals: refusals, reloads: reloads, isStoreFaulty: store.fault != nil,
      isWebFaulty: web.fault != nil, start: start,
      inFlight: scanner.sweeper.inFlight, sent: scanner.sent)
    let illness = isAlive() ? nil : "the scans do not move"
    return Snapshot(
      illness: illness, groups: jobs.map { .init(job: $0.job.name, doubt: $0.doubt) }, metrics: { metrics.families },
      overview: { Overview(of: jobs, refusals, faults: faults, at: now) },
      targetGroups: { names in
        let names = Set(names)
        return TargetFileFormat.json.render(jobs.filter { names.contains($0.job.name) }.flatMap(\.groups))
      },
      inventory: { TargetList(of: jobs, refusals, in: nil, at: now).json })
  }
}
