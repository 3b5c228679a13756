internal import Logging

/// Something in the journal that can be searched for, with the MESSAGE_ID of its kind.
///
/// The identifiers never change: catalogues and people's filters name them.
enum JournalEvent: String, CaseIterable {
  case targetNew = "target_new"
  case targetSilent = "target_silent"
  case targetDowngraded = "target_downgraded"
  case targetBack = "target_back"
  case targetGone = "target_gone"
  case targetMoved = "target_moved"
  case targetForgotten = "target_forgotten"
  case targetDuplicate = "target_duplicate"
  case targetDistinct = "target_distinct"
  case identityShared = "identity_shared"
  case machineExcess = "machine_excess"
  case printerSuspected = "printer_suspected"
  case rangeAccepting = "range_accepting"
  case rangeBlocked = "range_blocked"
  case holdBegun = "hold_begun"
  case holdEnded = "hold_ended"
  case synUnavailable = "syn_unavailable"
  case scanComplete = "scan_complete"
  case scanIncomplete = "scan_incomplete"
  case replaceFailed = "replace_failed"
  case replaced = "replaced"
  case reloaded = "reloaded"
  case reloadFailed = "reload_failed"
  case storeFailed = "store_failed"

  /// Those that happen to targets, and so are counted.
  static let ofTargets: [JournalEvent] = [
    .targetNew, .targetSilent, .targetDowngraded, .targetBack, .targetGone, .targetMoved, .targetForgotten,
    .targetDuplicate, .targetDistinct, .identityShared, .machineExcess, .printerSuspected, .holdBegun, .holdEnded,
  ]

  var messageID: String {
    switch self {
    case .targetNew: "c9d278c9f7064d7c98a748f07988a2a5"
    case .targetSilent: "0c939badcc5e4761a411738ff7e41636"
    case .targetDowngraded: "269df8070b9a476ebc4de00e385c9683"
    case .targetBack: "f6a85b0044af4c6085274eafaddd6310"
    case .targetGone: "5c7bf848a72d4d7faa0310d0eb21356c"
    case .targetMoved: "079da26bcbde46bbb4f1a18fdc50fbb6"
    case .targetForgotten: "cdc7e837a0154529b0d04ca48829747b"
    case .targetDuplicate: "5fa728ca7676405f866d0df4ba35a0ec"
    case .targetDistinct: "3267b007123d4f6084d1da07bb535fcf"
    case .identityShared: "5bdcc589f08d44ee86ecd072e0bb5889"
    case .machineExcess: "c9d1a3a81a67425db869e650f56aa6b6"
    case .printerSuspected: "73be697d61be47708fbc46ff05971c9e"
    case .rangeAccepting: "f92d400cd5ea422dadceec75a00a2aec"
    case .rangeBlocked: "1d687f7638364f62a0f4e69bedd88a2d"
    case .holdBegun: "f881116fced1406da9b9b6b92b85c451"
    case .holdEnded: "f7b71793790e4e69bca78a1ac5bbb613"
    case .synUnavailable: "2a6f5d11423a4a028a7b1e924568619a"
    case .scanComplete: "9ae749bff40a4800bb04a1d7365e8401"
    case .scanIncomplete: "aaa945ebedc046f8ba3960141f4c8a19"
    case .replaceFailed: "30a80406e5c4400088456b5ac92b3380"
    case .replaced: "0a519af10af14971a1910ce4c2ee5f57"
    case .reloaded: "c83f821249a242a2b08720c60b62ad7d"
    case .reloadFailed: "2d6fb24a33634a1a9a3a0b281d4f14cf"
    case .storeFailed: "eeacfe1ea4c646118d43f9202c827e4b"
    }
  }
}

/// What an entry of an event says in fields of its own.
enum JournalField: String, CaseIterable {
  case messageID = "MESSAGE_ID"
  case event = "SUBNET_SD_EVENT"
  case job = "SUBNET_SD_JOB"
  case target = "SUBNET_SD_TARGET"
  case prefix = "SUBNET_SD_PREFIX"
  case reason = "SUBNET_SD_REASON"
}

extension Logger {
  /// Logs an event with its fields; those that there are not are left out.
  func log(
    _ level: Logger.Level, _ event: JournalEvent, job: String? = nil, target: String? = nil, prefix: String? = nil,
    reason: String? = nil, _ message: @autoclosure () -> String
  ) {
    var metadata = Logger.Metadata()
    for field in JournalField.allCases {
      let value: String? =
        switch field {
        case .messageID: event.messageID
        case .event: event.rawValue
        case .job: job
        case .target: target
        case .prefix: prefix
        case .reason: reason
        }
      if let value { metadata[field.rawValue] = .string(value) }
    }
    log(level: level, "\(message())", metadata: metadata)
  }
}
