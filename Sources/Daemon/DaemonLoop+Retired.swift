internal import Addressing
internal import Configuration
internal import Files
internal import Inventory
internal import Logging
internal import Publishing

/// Files of jobs that are gone or have moved, which Prometheus reads for as long as it is told to.
extension DaemonLoop {
  /// Each lists nothing any more once every target of it that is known stands in another file.
  mutating func emptyRetiredFiles() {
    guard !store.retired.isEmpty else { return }
    let (before, keepers) = (store.retired, keepers())
    let waiting = jobs.filter { $0.isUnpublished || !$0.isAdopted }
    store.retired = before.filter { !isEmptied($0, keepers, waiting) }
    if store.retired != before { save() }
  }

  /// The places of the jobs that keep the files at these paths, as `TargetFile.resolvedPath(_:)` gives them.
  func keepers() -> [String: Int] {
    let paths = jobs.enumerated().map { (TargetFile.resolvedPath($1.file.path), $0) }
    return Dictionary(paths, uniquingKeysWith: { first, _ in first })
  }

  /// Returns whether there is nothing more to be done; what fails is tried again after the next scan.
  private mutating func isEmptied(
    _ retired: StoredInventory.RetiredFile, _ keepers: [String: Int], _ waiting: [JobState]
  ) -> Bool {
    guard let file = TargetFile(path: retired.path, job: retired.job, mode: 0o644) else { return true }
    // Another job keeps it now: until it has written it, the name of the one before stands in it.
    if let keeper = keepers[TargetFile.resolvedPath(retired.path)] { return !jobs[keeper].isUnpublished }
    let needsTLS = { [jobs] endpoint in jobs.demandsTLS(for: endpoint, formerlyOf: retired.job) }
    do throws(PublishingError) {
      let retirement = try file.retire(
        where: { listed in
          !waiting.contains { state in listed.contains { state.inventory.targets[$0] != nil } }
        }, needsTLS: needsTLS)
      store.faultOfRetired[retired.path] = nil
      report(retirement, of: retired)
      if case .waiting = retirement { return false }
      return true
    } catch {
      let inClear = file.unencryptedCount(where: needsTLS) ?? 0
      let advice = "; let Prometheus read it no longer, as it sends a password there in the clear"
      let sentence = "\(error)\(inClear > 0 ? advice : "")"
      if store.faultOfRetired.updateValue(sentence, forKey: retired.path) != sentence {
        log.log(
          .error, .replaceFailed, job: retired.job, reason: "\(error)",
          "job '\(retired.job)': \(retired.path) is kept no longer, and lists its targets still: \(sentence)")
      }
      return false
    }
  }

  private func report(_ retirement: Retirement, of retired: StoredInventory.RetiredFile) {
    switch retirement {
    case .done(let replacement) where replacement != .unchanged:
      log.log(
        .notice, .replaced, job: retired.job,
        "job '\(retired.job)': \(retired.path) is kept no longer and lists nothing; remove it when Prometheus does not"
          + " read it")
    case .waiting(let secured) where secured > 0:
      log.log(
        .warning, .replaced, job: retired.job,
        "job '\(retired.job)': \(retired.path) is kept no longer, and lists \(secured.of("target")) with https until"
          + " another file lists \(secured == 1 ? "it" : "them"): found or listed without https before, and Prometheus is"
          + " to send no password in the clear")
    case .done, .waiting, .notOurs: break
    }
  }
}

extension [JobState] {
  /// Whether a target in the file of a job of before is to be asked over TLS only: the job of that name says so, or one
  /// that goes on with the target, for Prometheus may read the file with the password of either by now.
  fileprivate func demandsTLS(for endpoint: Endpoint, formerlyOf name: String) -> Bool {
    let successor = first { $0.job.name == name }
    if successor?.job.tlsDemand != nil { return true }
    // That job goes on with it, and takes plain HTTP.
    if successor?.inventory.targets[endpoint] != nil { return false }
    return contains { state in
      state.job.tlsDemand != nil
        && (state.inventory.targets[endpoint] != nil || state.job.endpoints.contains(endpoint))
    }
  }
}
