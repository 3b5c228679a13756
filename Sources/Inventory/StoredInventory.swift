/// What outlives the process: the inventories of all jobs, what is left alone, and the files that are kept no longer.
package struct StoredInventory: Sendable {
  package struct Job: Sendable {
    package var name: String
    /// Where its target file is: a path, or a name where such files are by default.
    package var targetFile: String
    package var inventory: JobInventory

    package init(name: String, targetFile: String, inventory: JobInventory) {
      self.name = name
      self.targetFile = targetFile
      self.inventory = inventory
    }
  }

  /// A target file that is to list nothing any more, as soon as its targets are listed elsewhere.
  package struct RetiredFile: Hashable, Sendable {
    /// Likewise.
    package var path: String
    /// The job that it was kept for.
    package var job: String

    package init(path: String, job: String) {
      self.path = path
      self.job = job
    }
  }

  package var jobs: [Job]
  package var retired: [RetiredFile]
  package var refusals: Refusals

  package init(jobs: [Job] = [], retired: [RetiredFile] = [], refusals: Refusals = Refusals()) {
    self.jobs = jobs
    self.retired = retired
    self.refusals = refusals
  }
}

extension JobInventory {
  /// Goes on in a new process, which began `now` or a little before: of the time in between, as much counts as the policy
  /// believes.
  package mutating func resume(with policy: Policy, now: SuspendingClock.Instant) {
    self.policy = policy
    watchedUntil = watchedUntil.map { max($0, now - policy.removal.longestGap) }
    _ = noteDuplicates()
  }
}

// MARK: - The format

/// Lines of fields separated by tabs, as PostgreSQL's COPY writes them: `\N` is nothing, a backslash escapes a tab, a
/// line feed and itself. The first line names the format, the last one has the number of lines before it and their
/// CRC-32. Times are milliseconds since 1970, durations are milliseconds.
enum StoreFormat {
  static let name = "subnet-sd inventory"
  /// Readers refuse a higher one; whoever changes the meaning of a line raises it. Version 1 had neither refusals nor a
  /// target's scheme, metrics path and host name; version 2 said neither which address stands for a machine, and since
  /// when, nor whether a silent target was downgraded.
  static let version = 3

  enum Line: String {
    case job, hold, target, gone, retired, refused, end
  }

  /// Hosts' names have 255 bytes at most, and paths 4,095, twice as many if all of them are escaped.
  static let maxFieldLength = 8_192
}
