internal import Configuration
internal import Exporters
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
      for target in try jobs[index].adopt(now: moment().instant) {
        // What another job knows or scans has not left; what none scans has, unless that was told.
        if let heir = heir(of: target, from: index) {
          jobs[heir].inventory.inherit(target)
          jobs[heir].isUnpublished = true
          lend(target, from: index)
        } else if !jobs[index].inventory.departed.contains(target.endpoint) {
          report([.gone(target, .unconfigured)], of: index)
        }
        jobs[index].isUnpublished = true
      }
      if !jobs[index].inventory.unencrypted.isEmpty { jobs[index].isUnpublished = true }
    } catch {
      report(fault: error, of: index)
      reportLingering(in: index)
    }
  }

  /// Takes over a target file that could not be before. What must not stand in it as it does is mended now, not after the
  /// scan.
  mutating func adoptLate(_ index: Int) {
    guard !jobs[index].isAdopted else { return }
    adopt(index)
    guard jobs[index].isAdopted, !jobs[index].inventory.unencrypted.isEmpty else { return }
    save()
    publish(index)
  }

  /// Makes a job's file list what is known; what is known and not stored is stored before, if it can be.
  mutating func publish(_ index: Int) {
    guard jobs[index].isAdopted else { return }
    if store.fault == nil, !store.knows(jobs[index]) { save() }
    jobs[index].lent = stillLent(by: index)
    do throws(PublishingError) {
      let replacement = try jobs[index].publish()
      count(jobs[index].job.name) { $0.count(replacement) }
      report(recoveryOf: index)
      report(replacement, of: index)
      reportUnencrypted(of: index)
    } catch {
      count(jobs[index].job.name) { $0.count(nil) }
      report(fault: error, of: index)
      return reportLingering(in: index)
    }
    // What stands here now need not stand elsewhere. Each of these has fewer then, so that this comes to an end.
    for id in lenders.sorted() {
      guard let other = self.index(of: id), !jobs[other].lent.isEmpty else {
        lenders.remove(id)
        continue
      }
      if stillLent(by: other).count < jobs[other].lent.count { publish(other) }
    }
  }

  /// Lets a target stand in a job's file until it stands in that of another.
  mutating func lend(_ target: Target, from index: Int) {
    jobs[index].lent.append(target)
    lenders.insert(jobs[index].id)
  }

  /// What a job's file has to list for others: targets that one of them knows and has not published yet. With https where
  /// that one requires it, as Prometheus may read this file with its password by now.
  private func stillLent(by index: Int) -> [Target] {
    guard !jobs[index].lent.isEmpty else { return [] }
    let waiting = jobs.indices.filter { $0 != index && jobs[$0].isUnpublished }
    return jobs[index].lent.compactMap { target in
      let heirs = waiting.filter { jobs[$0].inventory.targets[target.endpoint] != nil }
      guard !heirs.isEmpty else { return nil }
      var target = target
      if heirs.contains(where: { jobs[$0].job.tlsDemand != nil }) { target.sighting.scheme = .https }
      return target
    }
  }

  /// The job that goes on with a target in the file of another: one that knows it, or else scans it.
  private func heir(of target: Target, from index: Int) -> Int? {
    let others = jobs.indices.filter { $0 != index }
    return others.first { jobs[$0].inventory.targets[target.endpoint] != nil }
      ?? others.first { jobs[$0].job.scans(target) && !jobs[$0].inventory.departed.contains(target.endpoint) }
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
    tellStatus()
  }

  private mutating func report(recoveryOf index: Int) {
    guard jobs[index].fault != nil else { return }
    jobs[index].fault = nil
    log.notice("job '\(jobs[index].job.name)': \(jobs[index].file.path) can be written again")
  }

  // MARK: The inventory

  /// What the process before knew; nothing where there was none, or where it left nothing that can be read.
  mutating func restored() -> StoredInventory {
    let now = moment()
    store.file.removeLeftovers()
    do throws(InventoryFile.Unusable) {
      return try store.file.load(at: now) ?? StoredInventory()
    } catch {
      log.log(
        .warning, .storeFailed, reason: "\(error)",
        "the inventory '\(store.file.path)' is not used: \(error); \(setAside(at: now)), and the target files are the start"
      )
      return StoredInventory()
    }
  }

  /// Says what became of an inventory that cannot be used.
  private func setAside(at now: Moment) -> String {
    do throws(FileError) {
      return "it is kept as '\(try store.file.setAside(at: now))'"
    } catch {
      return "it cannot be kept (\(error))"
    }
  }

  /// Stores the inventory if the file does not say what is known.
  mutating func save() {
    let now = moment()
    scanner.refusals { book, now in book.forgetOld(now: now) }
    let mark = Store.Mark(
      revisions: Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0.inventory.revision) }),
      targetFiles: jobs.map(\.file.path), retired: store.retired,
      refusals: scanner.refusals { book, _ in book.revision })
    store.restAtMost = jobs.compactMap(\.longestRest).min()
    guard store.isOutdated(mark, at: now) else { return }
    let stored = StoredInventory(
      jobs: jobs.map {
        .init(name: $0.job.name, targetFile: state.name(ofTargetFile: $0.file.path), inventory: $0.inventory)
      }, retired: store.retired.map { .init(path: state.name(ofTargetFile: $0.path), job: $0.job) },
      refusals: scanner.refusals { book, _ in book })
    switch store.save(stored, mark, at: now) {
    case .none: break
    case .fault(let sentence): log.log(.error, .storeFailed, reason: sentence, "\(sentence)")
    case .recovery: log.notice("the inventory '\(store.file.path)' can be stored again")
    }
  }

  /// The clocks of what is silent stop here and go on in the next process.
  mutating func saveBeforeTheEnd() {
    if jobs.contains(where: { $0.inventory.silentCount > 0 }) { store.forceNext() }
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
