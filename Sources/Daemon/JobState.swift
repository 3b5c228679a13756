internal import Addressing
internal import Configuration
internal import Inventory
internal import Probing
internal import Publishing
internal import Sweeping

/// What the loop keeps of one job.
struct JobState {
  let id: Int
  var job: Job
  var file: TargetFile
  var inventory: JobInventory
  var schedule: ScanSchedule
  let timer: OneShotTimer
  var running: RunningSweep?
  /// Whether the scan under way began with another configuration.
  var isRunningOutdated = false
  /// How many scans have begun.
  var scanCount = 0
  var lastOutcome: ScanOutcome?
  /// Whether the existing target file has been taken over; nothing is published before.
  var isAdopted = false
  /// Whether the inventory has changed since it was last published.
  var isUnpublished = false
  /// What is wrong with the target file, as it was last logged.
  var fault: String?

  init(id: Int, job: Job, file: TargetFile, timer: OneShotTimer, now: SuspendingClock.Instant) {
    self.id = id
    self.job = job
    self.file = file
    self.timer = timer
    inventory = JobInventory(removal: job.removal)
    schedule = ScanSchedule(interval: job.scanInterval, now: now)
  }

  /// Takes over what the target file lists, if that was not done yet; tells what of it the job does not scan.
  mutating func adopt() throws(PublishingError) -> [TargetEvent] {
    guard !isAdopted else { return [] }
    try file.check()
    file.removeLeftovers()
    let published = try file.adopt(within: job.endpoints)
    inventory.adopt(published.mapValues { Sighting(exporter: $0 ?? job.exporter.name) })
    isAdopted = true
    return file.unclaimed(within: job.endpoints).sorted { $0.key < $1.key }.map { endpoint, exporter in
      let sighting = Sighting(exporter: exporter ?? job.exporter.name)
      return .gone(Target(endpoint: endpoint, sighting: sighting), .unconfigured)
    }
  }

  /// Makes the target file list the inventory.
  mutating func publish() throws(PublishingError) -> Replacement {
    let groups = TargetGroup.groups(
      of: inventory.targets.mapValues(\.sighting.exporter), job: job.name, labels: job.labels, groupBy: job.groupBy)
    let replacement = try file.replace(with: groups, within: job.endpoints)
    isUnpublished = false
    return replacement
  }
}

extension Job {
  var removal: Removal {
    switch removeAfter {
    case .after(let duration): .after(duration)
    case .never: .never
    }
  }
}
