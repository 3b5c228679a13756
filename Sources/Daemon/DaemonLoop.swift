internal import Addressing
package import Configuration
internal import Dispatch
internal import Glibc
internal import Inventory
package import Logging
internal import Publishing
package import Sweeping
package import Systemd

/// The daemon: waits for timers, signals and scans, and is the only one to touch what it knows of the jobs.
///
/// Everything that happens is one `DaemonEvent`, handled to its end before the next; nothing here blocks for longer than
/// a file takes to be written.
package struct DaemonLoop {
  private var settings: Settings
  private let load: () throws(ConfigurationError) -> Settings
  private let state: StateDirectory
  private let notifier: Notifier
  private let log: Logger
  private let scanner: Scanner
  private let clock = ContinuousClock()
  /// Stands still while the machine is suspended, as timers and the service manager's watchdog do.
  private let timerClock = SuspendingClock()
  private let queue = DispatchQueue(label: "daemon")
  private let events: AsyncStream<DaemonEvent>
  /// Takes what timers, signals and scans have to say.
  let post: AsyncStream<DaemonEvent>.Continuation
  private var jobs: [JobState] = []
  private var nextJobID = 0
  private var progressWatch = ProgressWatch()

  /// `load` reads the configuration anew for a reload. Throws where this machine cannot even start to scan.
  package init(
    _ settings: Settings, load: @escaping () throws(ConfigurationError) -> Settings, state: StateDirectory,
    notifier: Notifier, log: Logger
  ) throws(LocalFailure) {
    self.settings = settings
    self.load = load
    self.state = state
    self.notifier = notifier
    self.log = log
    scanner = try Scanner(Self.limits(of: settings, log))
    (events, post) = AsyncStream.makeStream()
  }

  /// Runs until SIGTERM or SIGINT.
  package mutating func run() async {
    let signals = Signals([SIGHUP, SIGTERM, SIGINT], on: queue) { [post] number in
      post.yield(number == SIGHUP ? .hangUp : .terminate(signal: number))
    }
    let watchdog = startWatchdog()
    await handleEvents()
    withExtendedLifetime((signals, watchdog)) {}
  }

  /// Runs until `.terminate` is posted; `run()` without what belongs to the whole process.
  mutating func handleEvents() async {
    state.create()
    for job in settings.jobs { add(job) }
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
    case .watchdogDue: feedWatchdog()
    case .hangUp: reload()
    case .terminate(let signal):
      notifier.stopping()
      log.info("stopping on \(signal == SIGINT ? "SIGINT" : "SIGTERM")")
      for job in jobs { job.running?.cancel() }
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
    let id = jobs[index].id
    jobs[index].running = scanner.start(
      jobs[index].job, known: Set(jobs[index].inventory.targets.keys), seed: .random(in: .min ... .max)
    ) { [post] outcome in
      post.yield(.scanEnded(job: id, outcome))
    }
    notifier.status(statusSentence)
  }

  private mutating func endScan(of index: Int, _ outcome: ScanOutcome) {
    jobs[index].running = nil
    jobs[index].timer.fire(in: jobs[index].schedule.due - timerClock.now)
    // Cancelled by a reload: what it found was found for another configuration.
    guard outcome.summary.end != .cancelled else { return }
    let events = jobs[index].inventory.absorb(outcome.report, now: clock.now)
    jobs[index].lastOutcome = outcome
    report(events, of: index)
    report(outcome, of: jobs[index])
    if outcome.report.isComplete || jobs[index].isUnpublished { publish(index) }
    notifier.status(statusSentence)
  }

  private mutating func report(_ events: [TargetEvent], of index: Int) {
    if !events.isEmpty { jobs[index].isUnpublished = true }
    for event in events { log.log(event, job: jobs[index].job.name) }
  }

  private func report(_ outcome: ScanOutcome, of state: JobState) {
    let name = state.job.name
    if case .incomplete(let failure) = outcome.summary.end {
      log.log(
        .warning, .scanIncomplete, job: name, reason: failure.description,
        "job '\(name)': scan incomplete (\(failure)): \(outcome.summary.untried) endpoints were not tried,"
          + " nothing counts as silent")
    } else {
      log.log(.info, .scanComplete, job: name, "job '\(name)': \(outcome.sentence(state.inventory))")
    }
    guard log.logLevel <= .debug else { return }
    for (endpoint, verdict) in outcome.others.sorted(by: { $0.key < $1.key }) {
      log.debug("job '\(name)': \(endpoint) \(verdict)", metadata: ["SUBNET_SD_JOB": .string(name)])
    }
  }

  // MARK: Target files

  private mutating func adopt(_ index: Int) {
    do throws(PublishingError) {
      try jobs[index].adopt()
    } catch {
      report(fault: error, of: index)
    }
  }

  private mutating func publish(_ index: Int) {
    guard jobs[index].isAdopted else { return }
    do throws(PublishingError) {
      let replacement = try jobs[index].publish()
      report(recoveryOf: index)
      guard replacement != .unchanged else { return }
      let (name, count) = (jobs[index].job.name, jobs[index].inventory.targets.count)
      log.log(
        .notice, .replaced, job: name,
        "job '\(name)': \(jobs[index].file.path) replaced, \(count.of("target"))")
      if case .replacedUnsynced(let error) = replacement {
        log.warning("job '\(name)': \(error); a power cut now may bring back the previous file")
      }
    } catch {
      report(fault: error, of: index)
    }
  }

  /// Logs what is wrong with a target file once, not at each scan.
  private mutating func report(fault error: PublishingError, of index: Int) {
    let (sentence, name) = ("\(error)", jobs[index].job.name)
    guard jobs[index].fault != sentence else { return }
    jobs[index].fault = sentence
    log.log(.error, .replaceFailed, job: name, reason: sentence, "job '\(name)': \(sentence)")
    notifier.status(statusSentence)
  }

  private mutating func report(recoveryOf index: Int) {
    guard jobs[index].fault != nil else { return }
    jobs[index].fault = nil
    log.notice("job '\(jobs[index].job.name)': \(jobs[index].file.path) can be written again")
  }

  // MARK: Configuration

  private static func limits(of settings: Settings, _ log: Logger) -> SweepLimits {
    let concurrency = DescriptorLimit.makeRoom(for: settings.concurrency)
    if concurrency < settings.concurrency {
      log.warning(
        """
        the limit of open files leaves room for \(concurrency) connections, not for concurrency: \
        \(settings.concurrency); going on with \(concurrency); raise it, under systemd with 'LimitNOFILE='
        """)
    }
    return SweepLimits(rate: settings.rate, concurrency: concurrency)
  }

  private mutating func add(_ job: Job) {
    let path = state.targetFile(job.targetFile)
    guard let file = TargetFile(path: path, job: job.name, mode: job.fileMode) else {
      preconditionFailure("the configuration has refused such a name")
    }
    let id = nextJobID
    nextJobID += 1
    let timer = OneShotTimer(on: queue) { [post] in post.yield(.scanDue(job: id)) }
    jobs.append(JobState(id: id, job: job, file: file, timer: timer, now: timerClock.now))
    adopt(jobs.count - 1)
    warnIfTooSlow(job)
  }

  private func warnIfTooSlow(_ job: Job) {
    let seconds = Double(job.endpoints.count) / Double(settings.rate)
    guard .seconds(seconds) > job.scanInterval else { return }
    log.warning(
      """
      job '\(job.name)': \(job.endpoints.count) endpoints at a rate of \(settings.rate) a second take \
      \(Duration.seconds(Int(seconds)).prometheusText), longer than scan_interval: \
      \(job.scanInterval.prometheusText); scans will follow one another without a pause
      """)
  }

  private mutating func reload() {
    notifier.reloading()
    defer { notifier.ready(status: statusSentence) }
    do throws(ConfigurationError) {
      apply(try load())
      log.log(.notice, .reloaded, "configuration reloaded, \(jobs.count.of("job"))")
    } catch {
      for line in error.lines {
        log.log(.error, .reloadFailed, reason: line, line)
      }
      log.log(.error, .reloadFailed, "configuration not reloaded, keeping the previous one")
    }
  }

  private mutating func apply(_ new: Settings) {
    settings = new
    scanner.adjust(Self.limits(of: new, log))
    state.create()
    for old in jobs where !new.jobs.contains(where: { $0.name == old.job.name }) {
      old.running?.cancel()
      log.warning(
        """
        job '\(old.job.name)' is not configured any more; \(old.file.path) is left as it is, remove it when \
        Prometheus does not read it
        """)
    }
    jobs.removeAll { old in !new.jobs.contains { $0.name == old.job.name } }
    for job in new.jobs {
      if let index = jobs.firstIndex(where: { $0.job.name == job.name }) {
        change(index, to: job)
      } else {
        add(job)
        jobs[jobs.count - 1].timer.fire(in: .zero)
      }
    }
  }

  /// Lets a job go on by its new configuration: what it knows stays, but for targets outside its new ranges.
  private mutating func change(_ index: Int, to job: Job) {
    guard jobs[index].job != job else { return }
    let path = state.targetFile(job.targetFile)
    let oldPath = jobs[index].file.path
    guard let file = TargetFile(path: path, job: job.name, mode: job.fileMode) else {
      preconditionFailure("the configuration has refused such a name")
    }
    jobs[index].job = job
    jobs[index].file = file
    jobs[index].inventory.removal = job.removal
    if path != oldPath {
      jobs[index].isAdopted = false
      log.warning(
        """
        job '\(job.name)' has moved to \(path); \(oldPath) is left as it is, remove it when Prometheus does not \
        read it
        """)
      adopt(index)
    }
    report(jobs[index].inventory.keepOnly(job.endpoints), of: index)
    // Labels and groups may be others even where no target is; a file that has the bytes is not touched.
    publish(index)
    warnIfTooSlow(job)
    jobs[index].schedule = ScanSchedule(interval: job.scanInterval, now: timerClock.now)
    if let running = jobs[index].running { running.cancel() } else { jobs[index].timer.fire(in: .zero) }
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

  /// Feeds the watchdog if every scan moves and none is overdue; that this is run at all shows that the loop turns.
  private mutating func feedWatchdog() {
    let now = timerClock.now
    let subjects = jobs.compactMap { state in
      state.running.map { ProgressWatch.Subject(job: state.id, scan: state.scanCount, progress: $0.progress) }
    }
    let isOverdue = jobs.contains { $0.running == nil && now - $0.schedule.due > .seconds(10) }
    if progressWatch.isAlive(subjects, patience: jobs.patience, now: now), !isOverdue { notifier.watchdog() }
  }

  private var statusSentence: String {
    jobs.statusSentence
  }
}
