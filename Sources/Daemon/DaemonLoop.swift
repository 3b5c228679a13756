internal import Addressing
package import Configuration
internal import Controlling
internal import Dispatch
internal import Glibc
internal import Inventory
package import Logging
internal import Naming
internal import Publishing
package import Sweeping
package import Systemd

/// The daemon: waits for timers, signals, scans and operators, and is the only one to touch what it knows of the jobs.
///
/// Everything that happens is one `DaemonEvent`, handled to its end before the next; nothing here blocks for longer than
/// a file takes to be written.
package struct DaemonLoop {
  var settings: Settings
  let load: () throws(ConfigurationError) -> Settings
  let secrets: SecretPaths
  let state: StateDirectory
  let notifier: Notifier
  let log: Logger
  let scanner: Scanner
  let resolver: Resolver
  /// Stands still while the machine is suspended, as timers and the service manager's watchdog do.
  let timerClock = SuspendingClock()
  /// Both clocks; tests set the wall.
  let moment: () -> Moment
  let queue = DispatchQueue(label: "daemon")
  private let events: AsyncStream<DaemonEvent>
  /// Takes what timers, signals, scans and operators have to say.
  let post: AsyncStream<DaemonEvent>.Continuation
  var jobs: [JobState] = []
  var nextJobID = 0
  var store: Store
  /// Every job that this process has known: what was written for one of them is ours.
  var jobNames: Set<String> = []
  /// How often each kind of event has happened, by the job's name and the event's.
  private(set) var eventCounts: [String: [String: Int]] = [:]
  private var progressWatch = ProgressWatch()
  private let saveTimer: OneShotTimer
  private var isSaveDue = false

  /// `load` reads the configuration anew for a reload. Throws where this machine cannot even start to scan.
  package init(
    _ settings: Settings, load: @escaping () throws(ConfigurationError) -> Settings, secrets: SecretPaths,
    state: StateDirectory, notifier: Notifier, log: Logger
  ) throws(LocalFailure) {
    try self.init(
      settings, load: load, secrets: secrets, state: state, notifier: notifier, log: log, moment: Moment.now,
      resolver: Resolver())
  }

  init(
    _ settings: Settings, load: @escaping () throws(ConfigurationError) -> Settings, secrets: SecretPaths,
    state: StateDirectory, notifier: Notifier, log: Logger, moment: @escaping () -> Moment, resolver: Resolver
  ) throws(LocalFailure) {
    self.settings = settings
    self.load = load
    self.secrets = secrets
    self.state = state
    self.notifier = notifier
    self.log = log
    self.moment = moment
    self.resolver = resolver
    store = Store(path: state.inventory)
    let (events, post) = AsyncStream<DaemonEvent>.makeStream()
    (self.events, self.post) = (events, post)
    scanner = try Scanner(Self.limits(of: settings, log)) { post.yield(.refusalNoted) }
    saveTimer = OneShotTimer(on: queue) { post.yield(.saveDue) }
  }

  /// Runs until SIGTERM or SIGINT; listens to operators in `runtime`.
  package mutating func run(runtime: RuntimeDirectory) async {
    let signals = Signals([SIGHUP, SIGTERM, SIGINT], on: queue) { [post] number in
      post.yield(number == SIGHUP ? .hangUp : .terminate(signal: number))
    }
    let watchdog = startWatchdog()
    let socket = listen(in: runtime)
    await handleEvents()
    socket?.end()
    withExtendedLifetime((signals, watchdog)) {}
  }

  /// Runs until `.terminate` is posted; `run()` without what belongs to the whole process.
  mutating func handleEvents() async {
    state.create()
    begin()
    notifier.ready(status: statusSentence)
    for index in jobs.indices { jobs[index].timer.fire(in: .zero) }
    for await event in events {
      guard handle(event) else { break }
    }
  }

  /// Returns whether the daemon goes on.
  private mutating func handle(_ event: DaemonEvent) -> Bool {
    switch event {
    case .scanDue(let id):
      if let index = index(of: id) { beginScan(of: index) }
    case .scanEnded(let id, let outcome):
      if let index = index(of: id) { endScan(of: index, outcome) }
    case .named(let id, let answers):
      if let index = index(of: id) { takeNames(answers, of: index) }
    case .refusalNoted: saveSoon()
    case .saveDue:
      isSaveDue = false
      save()
    case .watchdogDue: feedWatchdog()
    case .asked(let request, let user, let reply): reply(answer(request, from: user))
    case .hangUp: reload()
    case .terminate(let signal):
      notifier.stopping()
      log.info("stopping on \(signal == SIGINT ? "SIGINT" : "SIGTERM")")
      for job in jobs { job.running?.cancel() }
      saveBeforeTheEnd()
      return false
    }
    return true
  }

  private func index(of id: Int) -> Int? { jobs.firstIndex { $0.id == id } }

  // MARK: Scans

  private mutating func beginScan(of index: Int) {
    guard jobs[index].running == nil else { return }
    adopt(index)
    jobs[index].schedule.begin(at: timerClock.now)
    jobs[index].scanCount += 1
    jobs[index].isRunningOutdated = false
    let id = jobs[index].id
    jobs[index].running = scanner.start(
      jobs[index].order(among: settings.catalogue), seed: .random(in: .min ... .max)
    ) { [post] outcome in
      post.yield(.scanEnded(job: id, outcome))
    }
    notifier.status(statusSentence)
  }

  private mutating func endScan(of index: Int, _ outcome: ScanOutcome) {
    jobs[index].running = nil
    jobs[index].timer.fire(in: jobs[index].schedule.due - timerClock.now)
    reportOddities(outcome, of: index)
    // What it found was found for another configuration, be it that it ended before it could be cancelled.
    guard !jobs[index].isRunningOutdated else { return }
    let events = jobs[index].inventory.absorb(outcome.report, now: moment().instant)
    jobs[index].lastOutcome = outcome
    report(events, of: index)
    jobs[index].replaced = Set(
      events.compactMap { if case .gone(let target, .replaced) = $0 { target.endpoint } else { nil } })
    save()
    if outcome.report.isComplete || jobs[index].isUnpublished { publish(index) }
    emptyRetiredFiles()
    // Last, so that whoever reads this line finds the target file true.
    report(outcome, of: jobs[index])
    notifier.status(statusSentence)
    askForNames(of: index)
  }

  /// What is to be left alone is stored while the scan goes on, so that no end of the process lets it be asked again.
  private mutating func saveSoon() {
    guard !isSaveDue else { return }
    isSaveDue = true
    saveTimer.fire(in: .seconds(1))
  }

  // MARK: Names

  /// Asks what the DNS calls the job's targets; the answers come when they come, and wait for no scan.
  private func askForNames(of index: Int) {
    guard jobs[index].job.targetLabels.contains(.hostname) else { return }
    let id = jobs[index].id
    resolver.resolve(Set(jobs[index].inventory.targets.keys.map(\.address))) { [post] answers in
      post.yield(.named(job: id, answers))
    }
  }

  private mutating func takeNames(_ answers: [Address: Answer], of index: Int) {
    guard jobs[index].inventory.name(answers.hostnames) else { return }
    jobs[index].isUnpublished = true
    save()
    publish(index)
  }

  mutating func report(_ events: [InventoryEvent], of index: Int) {
    if !events.isEmpty { jobs[index].isUnpublished = true }
    for event in events { report(event, of: jobs[index].job.name) }
  }

  /// Counts and logs what happened to targets of a job, be it one of the past.
  mutating func report(_ event: InventoryEvent, of job: String) {
    eventCounts[job, default: [:]][event.kind.rawValue, default: 0] += 1
    log.log(event, job: job)
  }

  /// A middlebox may look like thousands.
  private static let maxToldSuspects = 20

  /// Tells what a scan met that somebody may want to look at, each once.
  private mutating func reportOddities(_ outcome: ScanOutcome, of index: Int) {
    let name = jobs[index].job.name
    let suspects = outcome.newSuspects.sorted { $0.key < $1.key }
    if !suspects.isEmpty {
      eventCounts[name, default: [:]][JournalEvent.printerSuspected.rawValue, default: 0] += suspects.count
    }
    for (endpoint, reason) in suspects.prefix(Self.maxToldSuspects) {
      log.log(
        .notice, .printerSuspected, job: name, target: endpoint.description, reason: reason,
        "job '\(name)': \(endpoint) \(reason); nothing is sent to it and it is not listed; if it is none, write"
          + " \(endpoint.address) into 'not_printers'")
    }
    if suspects.count > Self.maxToldSuspects {
      log.notice(
        "job '\(name)': \(suspects.count - Self.maxToldSuspects) more may be printers; 'subnet-sd targets --state refused'"
      )
    }
    for prefix in outcome.acceptingPrefixes where jobs[index].toldPrefixes.insert(prefix).inserted {
      log.log(
        .warning, .rangeAccepting, job: name, prefix: prefix.description,
        "job '\(name)': every address of \(prefix) accepts connections, and most of them are nothing; something in"
          + " between, such as a firewall, answers for them; leave them out with 'exclude'")
    }
  }

  private func report(_ outcome: ScanOutcome, of state: JobState) {
    let name = state.job.name
    if case .incomplete(let failure) = outcome.summary.end {
      log.log(
        .warning, .scanIncomplete, job: name, reason: failure.description,
        "job '\(name)': scan incomplete (\(failure)): \(Int(outcome.summary.untried).of("endpoint")) not tried,"
          + " nothing counts as silent")
    } else {
      log.log(.info, .scanComplete, job: name, "job '\(name)': \(outcome.sentence(state.inventory))")
    }
    guard log.logLevel <= .debug else { return }
    for (endpoint, verdict) in outcome.others.sorted(by: { $0.key < $1.key }) {
      log.debug("job '\(name)': \(endpoint) \(verdict)", metadata: ["SUBNET_SD_JOB": .string(name)])
    }
  }

  // MARK: Watchdog and status

  private func startWatchdog() -> (any DispatchSourceTimer)? {
    guard let interval = Notifier.watchdogInterval() else { return nil }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler { @Sendable [post] in post.yield(.watchdogDue) }
    let period = DispatchTimeInterval.milliseconds(max(1, Int(interval / .milliseconds(1)) / 3))
    timer.schedule(deadline: .now(), repeating: period)
    timer.activate()
    return timer
  }

  /// Feeds the watchdog if the scans move and none is overdue; that this is run at all shows that the loop turns.
  private mutating func feedWatchdog() {
    let now = timerClock.now
    let subjects = jobs.compactMap { state in
      state.running.map { ProgressWatch.Subject(job: state.id, scan: state.scanCount, progress: $0.progress) }
    }
    let isOverdue = jobs.contains { $0.running == nil && now - $0.schedule.due > .seconds(10) }
    if progressWatch.isAlive(subjects, patience: jobs.patience, now: now), !isOverdue { notifier.watchdog() }
  }

  var statusSentence: String {
    jobs.statusSentence + (store.fault.map { "; \($0)" } ?? "")
  }
}
