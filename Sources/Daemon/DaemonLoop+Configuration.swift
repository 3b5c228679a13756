internal import Addressing
internal import Configuration
internal import Inventory
internal import Logging
internal import Publishing
internal import Sweeping
internal import Systemd
internal import Web

extension DaemonLoop {
  static func limits(of settings: Settings, _ log: Logger) -> SweepLimits {
    let clients = settings.web.listenAddress == .off ? 0 : WebServer.descriptors
    let concurrency = DescriptorLimit.makeRoom(for: settings.concurrency, others: clients)
    if concurrency < settings.concurrency {
      log.warning(
        """
        the limit of open files leaves room for \(concurrency) connections, not for concurrency: \
        \(settings.concurrency); going on with \(concurrency); raise it, under systemd with 'LimitNOFILE='
        """)
    }
    return SweepLimits(rate: settings.rate, concurrency: concurrency)
  }

  // MARK: Jobs

  /// A job of before, those of its targets that it does not scan any more, and the holds that end with it.
  private struct Former {
    let name: String
    let path: String
    let leftovers: [Target]
    let holds: [Hold]

    /// One that is not configured any more.
    init(gone name: String, path: String, _ inventory: JobInventory) {
      (self.name, self.path) = (name, path)
      (leftovers, holds) = (Array(inventory.targets.values), inventory.holds)
    }

    init(kept name: String, path: String, leftovers: [Target]) {
      (self.name, self.path, self.leftovers, holds) = (name, path, leftovers, [])
    }
  }

  /// Sets up the jobs on what the process before knew.
  mutating func begin() {
    let stored = restored()
    jobNames.formUnion(stored.jobs.map(\.name) + stored.retired.map(\.job) + settings.jobs.map(\.name))
    scanner.refusals { book, _ in book = stored.refusals }
    store.retired = stored.retired.map { .init(path: state.targetFile($0.path), job: $0.job) }
    let now = moment().instant
    var wanted = settings.jobsByName
    var formers: [Former] = []
    for old in stored.jobs {
      guard let job = wanted.removeValue(forKey: old.name) else {
        formers.append(Former(gone: old.name, path: state.targetFile(old.targetFile), old.inventory))
        continue
      }
      var inventory = old.inventory
      formers.append(
        Former(
          kept: old.name, path: state.targetFile(old.targetFile), leftovers: inventory.takeOut(except: job.endpoints)))
      inventory.resume(with: job.policy, now: now)
      add(job, inventory)
      // Nobody knows how far the process before has come.
      jobs[jobs.count - 1].isUnpublished = true
    }
    for job in settings.jobs where wanted[job.name] != nil { add(job) }
    settle(formers)
    for index in jobs.indices where jobs[index].isUnpublished { publish(index) }
    emptyRetiredFiles()
  }

  private mutating func add(_ job: Job, _ inventory: JobInventory? = nil) {
    let id = nextJobID
    nextJobID += 1
    let timer = OneShotTimer(on: queue) { [post] in post.yield(.scanDue(job: id)) }
    count(job.name) { _ in }
    jobs.append(
      JobState(
        id: id, job: job, file: targetFile(of: job), access: Access(of: job, secrets), timer: timer,
        inventory: inventory, now: timerClock.now))
    log.info("job '\(job.name)': scanning \(job.endpoints.count) endpoints every \(job.scanInterval.prometheusText)")
    warn(of: jobs[jobs.count - 1])
  }

  private func targetFile(of job: Job) -> TargetFile {
    let path = state.targetFile(job.targetFile)
    guard let file = TargetFile(path: path, job: job.name, mode: job.fileMode, formerJobs: jobNames) else {
      preconditionFailure("the configuration has refused such a name")
    }
    return file
  }

  /// Tells early what the scans would stumble over.
  private func warn(of state: JobState) {
    let job = state.job
    if let fault = state.access.fault {
      log.error("job '\(job.name)': \(fault); what needs it is not asked, and no scan is complete that meets it")
    }
    let least = SweepLimits.leastDuration(of: job.endpoints, rate: settings.rate)
    guard least > job.scanInterval else { return }
    log.warning(
      """
      job '\(job.name)': a scan of \(job.endpoints.count) endpoints takes \(least.prometheusText) at least, longer \
      than scan_interval: \(job.scanInterval.prometheusText); scans will follow one another without a pause
      """)
  }

  /// Gives what jobs of before have left to the jobs that scan it now, takes over what their files list, and finds out
  /// which files are kept no longer.
  private mutating func settle(_ formers: [Former]) {
    for former in formers where !former.leftovers.isEmpty || !former.holds.isEmpty { handOver(former) }
    TargetFile.removeLeftovers(of: jobs.filter { !$0.isAdopted }.map(\.file))
    for index in jobs.indices {
      adopt(index)
      report(jobs[index].inventory.adjust(to: jobs[index].job.policy), of: index)
    }
    store.retired += formers.map { StoredInventory.RetiredFile(path: $0.path, job: $0.name) }
    var seen: Set<StoredInventory.RetiredFile> = []
    let keepers = keepers()
    store.retired = store.retired.filter { retired in
      let keeper = keepers[TargetFile.resolvedPath(retired.path)].map { jobs[$0].job.name }
      return keeper != retired.job && seen.insert(retired).inserted
    }
    save()
  }

  /// A target whose job is renamed, split or gone goes on in the first job that scans it, with its history, and stands in
  /// the file of before until it stands in that job's.
  private mutating func handOver(_ former: Former) {
    let keeper = jobs.firstIndex { $0.file.path == former.path }
    for target in former.leftovers.sorted(by: { $0.endpoint < $1.endpoint }) {
      let heir = jobs.firstIndex { $0.job.name != former.name && $0.job.scans(target) }
      if let heir {
        jobs[heir].inventory.inherit(target)
        jobs[heir].isUnpublished = true
      }
      let departure = heir.map { Departure.moved(toJob: jobs[$0].job.name) } ?? .unconfigured
      report(.gone(target, departure), of: former.name)
      guard let keeper, keeper != heir else { continue }
      jobs[keeper].isUnpublished = true
      // It stands in the file still, where nobody may find it again.
      jobs[keeper].inventory.noteDeparture(of: target.endpoint)
      if heir != nil { lend(target, from: keeper) }
    }
    for hold in former.holds { report(.holdEnded(hold, .reconfigured), of: former.name) }
  }

  // MARK: Reload

  /// Returns the sentences on why it was refused, none where it was not.
  mutating func reload() -> [String] {
    notifier.reloading()
    defer { tellReady() }
    do throws(ConfigurationError) {
      let new = try load()
      state.create()
      if let sentence = state.sharedTargetFile(of: new.jobs) { return refuse([sentence]) }
      apply(new)
      openWeb()
      reloadGate.forgetRefusal()
      reloads.applied += 1
      reloads.isLastGood = true
      reloads.lastApplied = moment().wall
      askForAddressFilter()
      log.log(.notice, .reloaded, "configuration reloaded, \(jobs.count.of("job"))")
      return []
    } catch {
      return refuse(error.lines)
    }
  }

  private mutating func refuse(_ lines: [String]) -> [String] {
    reloads.refused += 1
    reloads.isLastGood = false
    guard reloadGate.mustLog(lines, now: timerClock.now) else { return lines }
    for line in lines { log.log(.error, .reloadFailed, reason: line, line) }
    log.error("configuration not reloaded, keeping the previous one")
    return lines
  }

  private mutating func apply(_ new: Settings) {
    settings = new
    jobNames.formUnion(new.jobs.map(\.name))
    scanner.adjust(Self.limits(of: new, log))
    var formers: [Former] = []
    let wanted = new.jobsByName
    for old in jobs where wanted[old.job.name] == nil {
      old.running?.cancel()
      formers.append(Former(gone: old.job.name, path: old.file.path, old.inventory))
    }
    jobs.removeAll { wanted[$0.job.name] == nil }
    let places = Dictionary(uniqueKeysWithValues: jobs.enumerated().map { ($1.job.name, $0) })
    var changed: Set<Int> = []
    for job in new.jobs {
      if let index = places[job.name] {
        guard jobs[index].job != job else { continue }
        formers.append(change(index, to: job))
        changed.insert(index)
      } else {
        add(job)
        // It may ask in another way.
        scanner.refusals { book, _ in book.clearMute(in: job.endpoints) }
        changed.insert(jobs.count - 1)
      }
    }
    settle(formers)
    for index in jobs.indices where changed.contains(index) || jobs[index].isUnpublished {
      // Labels and groups may be others even where no target is; a file that has the bytes is not touched.
      publish(index)
    }
    for index in changed.sorted() {
      if let running = jobs[index].running { running.cancel() } else { jobs[index].timer.fire(in: .zero) }
    }
    emptyRetiredFiles()
  }

  /// Lets a job go on by its new configuration: what it knows stays, but for targets outside its new ranges.
  private mutating func change(_ index: Int, to job: Job) -> Former {
    let former = Former(
      kept: job.name, path: jobs[index].file.path, leftovers: jobs[index].inventory.takeOut(except: job.endpoints))
    jobs[index].job = job
    jobs[index].file = targetFile(of: job)
    jobs[index].isRunningOutdated = true
    jobs[index].isScanned = false
    if former.path != jobs[index].file.path {
      jobs[index].isAdopted = false
      jobs[index].isUnpublished = true
      jobs[index].fault = nil
      log.notice("job '\(job.name)' moves from \(former.path) to \(jobs[index].file.path)")
    }
    jobs[index].access = Access(of: job, secrets)
    scanner.refusals { book, _ in book.clearMute(in: job.endpoints) }
    jobs[index].toldPrefixes = []
    warn(of: jobs[index])
    let phase = ScanSchedule.phase(ofJob: jobs[index].id)
    jobs[index].schedule = ScanSchedule(interval: job.scanInterval, phase: phase, now: timerClock.now)
    return former
  }
}

extension Settings {
  fileprivate var jobsByName: [String: Job] { Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, $0) }) }
}
