internal import Configuration
internal import Inventory
internal import Logging

extension Logger {
  /// Logs what happened to a target, with its reason.
  func log(_ event: TargetEvent, job: String) {
    switch event {
    case .new(let target):
      let sighting = target.sighting
      let details = [sighting.exporter, sighting.version, sighting.nodename].compactMap(\.self)
      log(
        .notice, .targetNew, job: job, target: "\(target.endpoint)",
        "job '\(job)': \(target.endpoint) is new: \(details.joined(separator: " "))")
    case .silent(let target, let reason):
      log(
        .notice, .targetSilent, job: job, target: "\(target.endpoint)", reason: reason,
        "job '\(job)': \(target.endpoint) is silent: \(reason)")
    case .back(let target, let duration):
      log(
        .notice, .targetBack, job: job, target: "\(target.endpoint)",
        "job '\(job)': \(target.endpoint) is back after \(duration.shortText)")
    case .gone(let target, let departure):
      log(
        .notice, .targetGone, job: job, target: "\(target.endpoint)", reason: "\(departure.sentence)",
        "job '\(job)': \(target.endpoint) is gone: \(departure.sentence)")
    }
  }
}

extension Departure {
  var sentence: String {
    switch self {
    case .silent(let duration, let missedScans):
      "silent for \(duration.shortText) and \(missedScans.of("missed scan"))"
    case .replaced(let sighting):
      "\([sighting.exporter, sighting.nodename].compactMap(\.self).joined(separator: " ")) answers there now"
    case .unconfigured: "not in the job's ranges any more"
    }
  }
}
