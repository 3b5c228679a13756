internal import Addressing
internal import Configuration
internal import Inventory
internal import Logging
internal import Publishing
internal import Sweeping
internal import Systemd

extension DaemonLoop {
  static func limits(of settings: Settings, _ log: Logger) -> SweepLimits {
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

  mutating func add(_ job: Job) {
    let file = targetFile(of: job)
    let id = nextJobID
    nextJobID += 1
    let timer = OneShotTimer(on: queue) { [post] in post.yield(.scanDue(job: id)) }
    jobs.append(JobState(id: id, job: job, file: file, timer: timer, now: timerClock.now))
    adopt(jobs.count - 1)
    log.info("job '\(job.name)': scanning \(job.endpoints.count) endpoints every \(job.scanInterval.prometheusText)")
    warnIfTooSlow(job)
  }

  private func targetFile(of job: Job) -> TargetFile {
    let path = state.targetFile(job.targetFile)
    guard let file = TargetFile(path: path, job: job.name, mode: job.fileMode) else {
      preconditionFailure("the configuration has refused such a name")
    }
    return file
  }

  private func warnIfTooSlow(_ job: Job) {
    let least = SweepLimits.leastDuration(of: job.endpoints, rate: settings.rate)
    guard least > job.scanInterval else { return }
    log.warning(
      """
      job '\(job.name)': a scan of \(job.endpoints.count) endpoints takes \(least.prometheusText) at least, longer \
      than scan_interval: \(job.scanInterval.prometheusText); scans will follow one another without a pause
      """)
  }

  mutating func reload() {
    notifier.reloading()
    defer { notifier.ready(status: statusSentence) }
    do throws(ConfigurationError) {
      let new = try load()
      state.create()
      if let sentence = state.sharedTargetFile(of: new.jobs) { return refuse([sentence]) }
      apply(new)
      log.log(.notice, .reloaded, "configuration reloaded, \(jobs.count.of("job"))")
    } catch {
      refuse(error.lines)
    }
  }

  private func refuse(_ lines: [String]) {
    for line in lines { log.log(.error, .reloadFailed, reason: line, line) }
    log.log(.error, .reloadFailed, "configuration not reloaded, keeping the previous one")
  }

  private mutating func apply(_ new: Settings) {
    settings = new
    scanner.adjust(Self.limits(of: new, log))
    for old in jobs where !new.jobs.contains(where: { $0.name == old.job.name }) {
      old.running?.cancel()
      tellWhatIsLeft(old.file.path, "job '\(old.job.name)' is not configured any more")
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

  /// Says that a file is not kept any more, unless another job has it now.
  private func tellWhatIsLeft(_ path: String, _ event: String) {
    if let heir = settings.jobs.first(where: { state.targetFile($0.targetFile) == path }) {
      log.notice("\(event); \(path) is kept by job '\(heir.name)' now")
    } else {
      log.warning("\(event); \(path) is left as it is, remove it when Prometheus does not read it")
    }
  }

  /// Lets a job go on by its new configuration: what it knows stays, but for targets outside its new ranges.
  private mutating func change(_ index: Int, to job: Job) {
    guard jobs[index].job != job else { return }
    let file = targetFile(of: job)
    let (path, oldPath) = (file.path, jobs[index].file.path)
    jobs[index].job = job
    jobs[index].file = file
    jobs[index].inventory.removal = job.removal
    jobs[index].isRunningOutdated = true
    if path != oldPath {
      jobs[index].isAdopted = false
      jobs[index].fault = nil
      tellWhatIsLeft(oldPath, "job '\(job.name)' has moved to \(path)")
      adopt(index)
    }
    report(jobs[index].inventory.keepOnly(job.endpoints), of: index)
    // Labels and groups may be others even where no target is; a file that has the bytes is not touched.
    publish(index)
    warnIfTooSlow(job)
    jobs[index].schedule = ScanSchedule(interval: job.scanInterval, now: timerClock.now)
    if let running = jobs[index].running { running.cancel() } else { jobs[index].timer.fire(in: .zero) }
  }
}
