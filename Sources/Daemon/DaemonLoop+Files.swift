internal import Configuration
internal import Files
internal import Inventory
internal import Logging
internal import Publishing
internal import Systemd

/// Files: what Prometheus reads, and what outlives the process. The inventory is stored first, so that no target is
/// published that the next process would not know.
extension DaemonLoop {
  // MARK: Target files

  mutating func adopt(_ index: Int) {
    do throws(PublishingError) {
      report(try jobs[index].adopt(now: moment().instant), of: index)
    } catch {
      report(fault: error, of: index)
    }
  }

  mutating func publish(_ index: Int) {
    guard jobs[index].isAdopted else { return }
    do throws(PublishingError) {
      let replacement = try jobs[index].publish()
      report(recoveryOf: index)
      report(replacement, of: index)
    } catch {
      report(fault: error, of: index)
    }
    emptyRetiredFiles()
  }

  private func report(_ replacement: Replacement, of index: Int) {
    guard replacement != .unchanged else { return }
    let (name, count) = (jobs[index].job.name, jobs[index].inventory.listed.count)
    log.log(
      .notice, .replaced, job: name, "job '\(name)': \(jobs[index].file.path) replaced, \(count.of("target"))")
    if case .replacedUnsynced(let error) = replacement {
      log.warning("job '\(name)': \(error); a power cut now may bring back the previous file")
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

  /// A file of a job that is gone or has moved lists nothing any more, once every target stands where it belongs now.
  mutating func emptyRetiredFiles() {
    guard !store.retired.isEmpty, jobs.allSatisfy({ $0.isAdopted && !$0.isUnpublished }) else { return }
    for retired in store.retired { empty(retired) }
    store.retired = []
    save()
  }

  private func empty(_ retired: StoredInventory.RetiredFile) {
    guard let file = TargetFile(path: retired.path, job: retired.job, mode: 0o644) else { return }
    do throws(PublishingError) {
      guard try file.retire() != .unchanged else { return }
      log.log(
        .notice, .replaced, job: retired.job,
        "job '\(retired.job)': \(retired.path) is kept no longer and lists nothing; remove it when Prometheus does"
          + " not read it")
    } catch {
      log.warning("job '\(retired.job)': \(retired.path) is kept no longer, and stays as it is: \(error)")
    }
  }

  // MARK: The inventory

  /// What the process before knew; nothing where there was none, or where it left nothing that can be read.
  mutating func restored() -> StoredInventory {
    let now = moment()
    store.file.removeLeftovers()
    do throws(InventoryFile.Unusable) {
      return try store.file.load(at: now) ?? StoredInventory()
    } catch {
      let path = store.file.path
      do throws(FileError) {
        let other = try store.file.setAside(at: now)
        log.log(
          .warning, .storeFailed, reason: "\(error)",
          "the inventory '\(path)' is not used: \(error); it is kept as '\(other)', starting from the target files")
      } catch let failure {
        log.log(
          .warning, .storeFailed, reason: "\(error)",
          "the inventory '\(path)' is not used: \(error), starting from the target files; it cannot be kept: \(failure)"
        )
      }
      return StoredInventory()
    }
  }

  /// Stores the inventory if the file does not say what is known.
  mutating func save() {
    let now = moment()
    let mark = Store.Mark(
      revisions: Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0.inventory.revision) }),
      targetFiles: jobs.map(\.file.path), retired: store.retired)
    guard store.isOutdated(mark, at: now, restAtMost: jobs.compactMap(\.longestRest).min()) else { return }
    let stored = StoredInventory(
      jobs: jobs.map { .init(name: $0.job.name, targetFile: $0.file.path, inventory: $0.inventory) },
      retired: store.retired)
    switch store.save(stored, mark, at: now) {
    case .none: break
    case .fault(let sentence): log.log(.error, .storeFailed, reason: sentence, "\(sentence)")
    case .recovery: log.notice("the inventory '\(store.file.path)' can be stored again")
    }
  }

  /// The clocks of what is silent stop here and go on in the next process.
  mutating func saveBeforeTheEnd() {
    guard jobs.contains(where: { $0.inventory.silentCount > 0 }) else { return }
    store.forceNext()
    save()
  }
}

extension JobState {
  /// How long the inventory may go unstored, nil for as long as nothing changes: half of what a new process believes.
  fileprivate var longestRest: Duration? {
    let gap = inventory.policy.removal.longestGap
    return gap > .zero && inventory.silentCount > 0 ? gap / 2 : nil
  }
}
