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
internal import Web

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
  /// Blocks until the service manager has said what it lets through, or does not.
  let askServiceManager: @Sendable () -> AddressFilter?
  /// Stands still while the machine is suspended, as timers and the service manager's watchdog do.
  let timerClock = SuspendingClock()
  /// Both clocks; tests set the wall.
  let moment: () -> Moment
  let queue = DispatchQueue(label: "daemon")
  private let events: AsyncStream<DaemonEvent>
  /// Takes what timers, signals, scans and operators have to say.
  let post: AsyncStream<DaemonEvent>.Continuation
  /// In ascending order of their numbers.
  var jobs: [JobState] = []
  var nextJobID = 0
  var store: Store
  /// Every job that this process has known: what was written for one of them is ours.
  var jobNames: Set<String> = []
  /// What has happened to each job, by its name.
  var counts: [String: JobCounts] = [:]
  var reloads = Reloads()
  var reloadGate = ReloadGate()
  let reloadTimer: OneShotTimer
  /// Whether the service manager is being asked, and is to be asked once more after that.
  var filterQuestion = FilterQuestion.none
  /// When the process began.
  let start: WallTime
  private var progressWatch = ProgressWatch()
  var web: WebFront
  /// What is done for all jobs at once.
  var chores: Chores
  /// Jobs that are to be published when the inventory is stored, in the order in which their scans ended.
  var unsettled: [Settlement] = []
  /// Of those, how many are stored as they ended, and wait for nothing but their turn.
  var settledCount = 0
  /// Numbers of jobs whose files list targets of others.
  var lenders: Set<Int> = []
  /// What the service manager was last told.
  var toldStatus: String?
  private let saveTimer: OneShotTimer
  private var isSaveDue = false
  private var isEnding = false

  /// `load` reads the configuration anew for a reload; `inherited` is a listening socket of the service manager's.
  /// Throws where this machine cannot even start to scan.
  package init(
    _ settings: Settings, load: @escaping () throws(ConfigurationError) -> Settings, secrets: SecretPaths,
    state: StateDirectory, notifier: Notifier, log: Logger, inherited: Int32? = nil
  ) throws(LocalFailure) {
    try self.init(
      settings, load: load, secrets: secrets, state: state, notifier: notifier, log: log, inherited: inherited,
      moment: Moment.now, resolver: Resolver(), askServiceManager: AddressFilter.ofOwnUnit)
  }

  init(
    _ settings: Settings, load: @escaping () throws(ConfigurationError) -> Settings, secrets: SecretPaths,
    state: StateDirectory, notifier: Notifier, log: Logger, inherited: Int32? = nil, moment: @escaping () -> Moment,
    resolver: Resolver, askServiceManager: @escaping @Sendable () -> AddressFilter? = { nil }
  ) throws(LocalFailure) {
    self.settings = settings
    self.load = load
    self.secrets = secrets
    self.state = state
    self.notifier = notifier
    self.log = log
    self.moment = moment
    self.resolver = resolver
    self.askServiceManager = askServiceManager
    start = moment().wall
    store = Store(path: state.inventory)
    let (events, post) = AsyncStream<DaemonEvent>.makeStream()
    (self.events, self.post) = (events, post)
    scanner = try Scanner(Self.limits(of: settings, log)) { post.yield(.refusalNoted) }
    chores = Chores(on: queue) { post.yield(.choresDue) }
    saveTimer = OneShotTimer(on: queue) { post.yield(.saveDue) }
    reloadTimer = OneShotTimer(on: queue) { post.yield(.reloadDue) }
    web = WebFront(on: queue, secrets, inherited: inherited) { post.yield($0) }
  }

  /// Runs until SIGTERM or SIGINT; listens to operators in `runtime`.
  package mutating func run(runtime: RuntimeDirectory) async {
    let signals = Signals(Self.signals, on: queue) { [post] number in
      post.yield(number == SIGHUP ? .hangUp : .terminate(signal: number))
    }
    let watchdog = startWatchdog()
    let socket = listen(in: runtime)
    openWeb()
    // Where the timers are, so that what falls due does not wake a second thread.
    await withTaskExecutorPreference(QueueExecutor(queue)) { await handleEvents() }
    socket?.end()
    withExtendedLifetime((signals, watchdog)) {}
  }

  /// Runs until `.terminate` is posted; `run()` without what belongs to the whole process.
  mutating func handleEvents() async {
    state.create()
    begin()
    tellReady()
    askForAddressFilter()
    for index in jobs.indices { jobs[index].timer.fire(in: .zero) }
    for await event in events {
      guard handle(event) else { break }
    }
  }

  /// Returns whether the daemon goes on.
  private mutating func handle(_ event: DaemonEvent) -> Bool {
    if isEnding { return handleLast(event) }
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
    case .choresDue: doChores()
    case .settlingDue: settleSome()
    case .watchdogDue: feedWatchdog()
    case .asked(let request, let user, let reply): reply(answer(request, from: user))
    case .looked(let reply): reply(snapshot())
    case .reloadAsked(let reply): askReload(reply)
    case .reloadDue: beginReload()
    case .listenDue: openWeb()
    case .webConfigRead: noteWebConfig()
    case .filtered(let filter): take(filter)
    case .hangUp: askReload(nil)
    case .terminate(let signal):
      notifier.stopping()
      log.info("stopping on \(signal == SIGINT ? "SIGINT" : "SIGTERM")")
      for job in jobs { job.running?.cancel() }
      saveBeforeTheEnd()
      settleBeforeTheEnd()
      isEnding = true
      for reply in reloadGate.begin() { reply(.refused([Self.farewell])) }
      web.finish()
    case .finished: return false
    }
    return true
  }

  /// At the end all is stored and nothing changes any more; who had asked is answered.
  private mutating func handleLast(_ event: DaemonEvent) -> Bool {
    switch event {
    case .looked(let reply): reply(snapshot())
    case .reloadAsked(let reply): reply(.refused([Self.farewell]))
    case .asked(_, _, let reply): reply(ControlReply(isDone: false, messages: [Self.farewell]))
    // What was found to be left alone is to be known to the next process, whatever else is not.
    case .refusalNoted: save()
    case .finished: return false
    default: break
    }
    return true
  }

  /// Those that mean something to the daemon.
  static let signals = [SIGHUP, SIGTERM, SIGINT]

  private static let farewell = "the daemon is stopping"

  /// The place of a job among `jobs`, nil if it is not configured any more.
  func index(of id: Int) -> Int? {
    var (low, high) = (0, jobs.count)
    while low < high {
      let middle = (low + high) / 2
      if jobs[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < jobs.count && jobs[low].id == id ? low : nil
  }

  // MARK: Scans

  private mutating func beginScan(of index: Int) {
    guard jobs[index].running == nil else { return }
    adoptLate(index)
    jobs[index].schedule.begin(at: timerClock.now)
    jobs[index].scanCount += 1
    jobs[index].isRunningOutdated = false
    jobs[index].runningSince = timerClock.now
    reportSweepFault(of: index)
    let id = jobs[index].id
    jobs[index].running = scanner.start(
      jobs[index].order(among: settings.catalogue), seed: .random(in: .min ... .max)
    ) { [post] outcome in
      post.yield(.scanEnded(job: id, outcome))
    }
  }

  private mutating func endScan(of index: Int, _ outcome: ScanOutcome) {
    jobs[index].running = nil
    jobs[index].schedule.end(at: timerClock.now)
    jobs[index].timer.fire(in: jobs[index].schedule.due - timerClock.now)
    reportOddities(outcome, of: index)
    // What it found was found for another configuration, be it that it ended before it could be cancelled.
    guard !jobs[index].isRunningOutdated else {
      count(jobs[index].job.name) { $0.scans[.cancelled, default: 0] += 1 }
      return
    }
    if outcome.settled > 0 { jobs[index].isScanned = true }
    let now = moment()
    let events = jobs[index].inventory.absorb(outcome.report, now: now.instant)
    jobs[index].lastOutcome = outcome.withoutReport
    jobs[index].lastEnd = now.instant
    count(jobs[index].job.name) { $0.count(outcome, endedAt: now.wall) }
    report(events, of: index)
    jobs[index].replaced = Set(
      events.compactMap { if case .gone(let target, .replaced) = $0 { target.endpoint } else { nil } })
    askForNames(of: index)
    settle(Settlement(job: jobs[index].id, outcome: outcome.withoutReport))
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
    settle(Settlement(job: jobs[index].id, outcome: nil))
  }

  // MARK: Watchdog

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
    if isAlive() { notifier.watchdog() }
  }

  /// Whether the scans move and none is overdue.
  mutating func isAlive() -> Bool {
    let now = timerClock.now
    let subjects = jobs.compactMap { state in
      state.running.map {
        ProgressWatch.Subject(
          job: state.id, scan: state.scanCount, progress: $0.progress, isResting: $0.isResting)
      }
    }
    let isOverdue = jobs.contains { $0.running == nil && $0.schedule.isOverdue(by: .seconds(10), at: now) }
    return progressWatch.isAlive(subjects, patience: jobs.patience, now: now) && !isOverdue
  }
}
