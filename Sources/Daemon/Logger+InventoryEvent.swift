internal import Addressing
internal import Configuration
internal import Inventory
internal import Logging

extension InventoryEvent {
  /// What it is called in the journal.
  var kind: JournalEvent {
    switch self {
    case .new: .targetNew
    case .silent: .targetSilent
    case .downgraded: .targetDowngraded
    case .back: .targetBack
    case .gone(_, .moved): .targetMoved
    case .gone: .targetGone
    case .forgotten: .targetForgotten
    case .duplicate: .targetDuplicate
    case .distinct: .targetDistinct
    case .shared: .identityShared
    case .crowded: .machineExcess
    case .holdBegun: .holdBegun
    case .holdEnded: .holdEnded
    }
  }

  /// Why it happened, where there is more to say than that it did.
  var reason: String? {
    switch self {
    case .new, .back, .distinct(_, nil): nil
    case .silent(_, let reason), .downgraded(_, let reason): reason
    case .gone(_, let departure): departure.sentence
    case .forgotten(_, let user): "forgotten by \(name(ofUser: user))"
    case .duplicate(_, let original): "the same process answers at \(original)"
    case .distinct(_, let first?): "\(first) does not answer"
    case .shared(let target, let other): "\(other) shows the same process \(target.sighting.process)"
    case .crowded(let excess): excess.sentence
    case .holdBegun(let hold): hold.sentence
    case .holdEnded(_, let end): end.sentence
    }
  }

  /// What happened, without the job.
  var sentence: String {
    switch self {
    case .new(let target):
      let sighting = target.sighting
      let details = [sighting.exporter, sighting.version, sighting.nodename].compactMap(\.self)
      return "\(target.endpoint) is new: \(details.joined(separator: " "))"
    case .silent(let target, let reason): return "\(target.endpoint) is silent: \(reason)"
    case .downgraded(let target, let reason):
      return "\(target.endpoint) is downgraded: \(reason); it stays listed with https"
    case .back(let target, let duration): return "\(target.endpoint) is back after \(duration.shortText)"
    case .gone(let target, .moved(let job)): return "\(target.endpoint) moves to job '\(job)'"
    case .gone(let target, let departure): return "\(target.endpoint) is gone: \(departure.sentence)"
    case .forgotten(let target, let user): return "\(target.endpoint) is gone: forgotten by \(name(ofUser: user))"
    case .duplicate(let target, let original):
      return "\(target.endpoint) is another address of \(target.sighting.nodename ?? "a machine"): the same process"
        + " answers at \(original)"
    case .distinct(let target, nil): return "\(target.endpoint) is no further address of another target any more"
    case .distinct(let target, let first?):
      return "\(target.endpoint) stands in for \(first), the first address of"
        + " \(target.sighting.nodename ?? "a machine"), which does not answer"
    case .shared(let target, let other):
      return "\(target.endpoint) and \(other) show the same process \(target.sighting.process), and were two machines"
        + " before: one of them may copy what the other shows; both stay listed"
    case .crowded(let excess): return excess.sentence
    case .holdBegun(let hold):
      return "\(hold.scope.title) begins: \(hold.sentence); nothing of it is removed meanwhile"
    case .holdEnded(let hold, let end):
      return "\(hold.scope.title) is over: \(end.sentence)"
    }
  }
}

extension Logger {
  /// Logs what happened to a job's targets, with its reason.
  func log(_ event: InventoryEvent, job: String) {
    let level: Logger.Level =
      switch event {
      case .holdBegun, .downgraded, .shared, .crowded: .warning
      default: .notice
      }
    log(
      level, event.kind, job: job, target: event.endpoint?.description, prefix: event.prefix, reason: event.reason,
      "job '\(job)': \(event.sentence)\(event.advice(job))")
  }
}

extension InventoryEvent {
  fileprivate var prefix: String? {
    switch self {
    case .holdBegun(let hold), .holdEnded(let hold, _):
      if case .prefix(let prefix) = hold.scope { "\(prefix)" } else { nil }
    default: nil
    }
  }

  /// What an operator can do.
  fileprivate func advice(_ job: String) -> String {
    switch self {
    case .holdBegun(let hold): "; if they are really gone, say '\(hold.scope.release(of: job))'"
    case .crowded: "; 'subnet-sd targets --state refused' shows them, and 'exclude' leaves them out"
    case .gone(let target, .refused): "; if it is none, write \(target.endpoint.address) into 'not_printers'"
    default: ""
    }
  }
}

extension Sighting {
  /// Which process it is, for a sentence: the names of its exporter and machine.
  fileprivate var process: String { [exporter, nodename].compactMap(\.self).joined(separator: " ") }
}

extension Departure {
  var sentence: String {
    switch self {
    case .silent(let duration, let missedScans):
      "silent for \(duration.shortText) and \(missedScans.of("missed scan"))"
    case .replaced(let sighting):
      "\(sighting.process) answers there now"
    case .refused(let reason): "it \(reason)"
    case .unconfigured: "not in the job's ranges any more"
    case .moved(let job): "job '\(job)' scans it now"
    }
  }
}

extension Hold.Scope {
  var title: String {
    switch self {
    case .job: "hold"
    case .prefix(let prefix): "hold of \(prefix)"
    }
  }
}

extension Hold.Scope {
  /// The command that ends it.
  func release(of job: String) -> String {
    switch self {
    case .job: "subnet-sd release \(job)"
    case .prefix(let prefix): "subnet-sd release \(job) \(prefix)"
    }
  }
}

/// Whom the journal names. In a user namespace, as the unit's `PrivateUsers=` makes one, all but root and the daemon's own
/// user have one number (user_namespaces(7)): those are the members of its group.
private func name(ofUser user: UInt32) -> String {
  user == 65_534 ? "a member of the group" : "user \(user)"
}

extension Excess {
  /// Which machine it is, and how many of its addresses are left out.
  fileprivate var sentence: String {
    "\(exporter) \(nodename) answers at \(count.of("further endpoint")) beyond the"
      + " \(JobInventory.maxOfMachine) of one machine that are listed; they are not"
  }

  /// Why an endpoint of it is none that is listed, as a phrase.
  var reason: String {
    "is one of more than \(JobInventory.maxOfMachine) endpoints of one machine, \(exporter) \(nodename); no more are"
      + " listed"
  }
}

extension Hold {
  /// How much is lost, as a phrase.
  var sentence: String {
    isTotal && scope == .job
      ? "none of \(total.of("target")) answers, so the scan is not believed"
      : "\(silent) of \(total.of("target")) are silent"
  }
}

extension HoldEnd {
  var sentence: String {
    switch self {
    case .recovered: "the loss is within max_loss again"
    case .released(let user): "released by \(name(ofUser: user)), so what is silent is gone"
    case .limit: "hold_limit is reached, so what is silent is gone"
    case .reconfigured: "the configuration has no such group of targets now"
    }
  }
}
