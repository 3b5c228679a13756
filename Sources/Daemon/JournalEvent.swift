internal import Logging

/// Something in the journal that can be searched for, with the MESSAGE_ID of its kind.
///
/// The identifiers never change: catalogues and people's filters name them.
enum JournalEvent: String {
  case targetNew = "target_new"
  case targetSilent = "target_silent"
  case targetBack = "target_back"
  case targetGone = "target_gone"
  case scanComplete = "scan_complete"
  case scanIncomplete = "scan_incomplete"
  case replaceFailed = "replace_failed"
  case replaced = "replaced"
  case reloaded = "reloaded"
  case reloadFailed = "reload_failed"

  var messageID: String {
    switch self {
    case .targetNew: "c9d278c9f7064d7c98a748f07988a2a5"
    case .targetSilent: "0c939badcc5e4761a411738ff7e41636"
    case .targetBack: "f6a85b0044af4c6085274eafaddd6310"
    case .targetGone: "5c7bf848a72d4d7faa0310d0eb21356c"
    case .scanComplete: "9ae749bff40a4800bb04a1d7365e8401"
    case .scanIncomplete: "aaa945ebedc046f8ba3960141f4c8a19"
    case .replaceFailed: "30a80406e5c4400088456b5ac92b3380"
    case .replaced: "0a519af10af14971a1910ce4c2ee5f57"
    case .reloaded: "c83f821249a242a2b08720c60b62ad7d"
    case .reloadFailed: "2d6fb24a33634a1a9a3a0b281d4f14cf"
    }
  }
}

extension Logger {
  /// Logs an event with its fields; `target` and `reason` are left out where there is none.
  func log(
    _ level: Logger.Level, _ event: JournalEvent, job: String? = nil, target: String? = nil, reason: String? = nil,
    _ message: @autoclosure () -> String
  ) {
    var fields: Logger.Metadata = [
      "MESSAGE_ID": .string(event.messageID), "SUBNET_SD_EVENT": .string(event.rawValue),
    ]
    if let job { fields["SUBNET_SD_JOB"] = .string(job) }
    if let target { fields["SUBNET_SD_TARGET"] = .string(target) }
    if let reason { fields["SUBNET_SD_REASON"] = .string(reason) }
    log(level: level, "\(message())", metadata: fields)
  }
}
