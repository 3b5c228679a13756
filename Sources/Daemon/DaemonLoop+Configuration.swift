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

  mutating func reload() {
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
}
