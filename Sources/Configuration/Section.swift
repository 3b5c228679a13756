/// A mapping of the file that has keys of its own.
package enum Section: Hashable, Sendable {
  case file, global, job

  /// All keys that may stand here.
  var keys: [String] {
    switch self {
    case .file: Self.fileKeys
    case .global: Self.globalKeys
    case .job: Self.jobKeys
    }
  }

  private static let fileKeys = FileKey.allCases.map(\.rawValue)
  private static let globalKeys = CommonKey.allCases.map(\.rawValue) + LimitKey.allCases.map(\.rawValue)
  private static let jobKeys = JobKey.allCases.map(\.rawValue) + CommonKey.allCases.map(\.rawValue)
}

/// The keys at the top of the file.
enum FileKey: String, CaseIterable {
  case global
  case scanConfigs = "scan_configs"
}

/// The keys of `global` alone.
enum LimitKey: String, CaseIterable {
  case rate
  case concurrency
  case maxAddresses = "max_addresses"
}

/// The keys of `global` and of a job.
enum CommonKey: String, CaseIterable {
  case scanInterval = "scan_interval"
  case connectTimeout = "connect_timeout"
  case probeTimeout = "probe_timeout"
  case removeAfter = "remove_after"
  case maxLoss = "max_loss"
  case holdLimit = "hold_limit"
  case duplicates
  case allowPublic = "allow_public"
  case exclude
}

/// The keys of a job alone.
enum JobKey: String, CaseIterable {
  case jobName = "job_name"
  case ranges
  case exporters
  case ports
  case targetFile = "target_file"
  case fileMode = "file_mode"
  case groupBy = "group_by"
  case labels
}
