/// A mapping of a file that has keys of its own.
package enum Section: Hashable, Sendable, CaseIterable {
  case file, global, web, job, exporter, tls, basicAuth, authorization, label
  case webFile, tlsServer, httpServer, headers

  /// Whether it is a part of a `WebConfig`, and not of `Settings`.
  package var isOfWebConfig: Bool {
    switch self {
    case .webFile, .tlsServer, .httpServer, .headers: true
    case .file, .global, .web, .job, .exporter, .tls, .basicAuth, .authorization, .label: false
    }
  }

  /// All keys that may stand here.
  var keys: [String] {
    switch self {
    case .file: Self.fileKeys
    case .global: Self.globalKeys
    case .web: Self.webKeys
    case .exporter: Self.exporterKeys
    case .job: Self.jobKeys
    case .tls: Self.tlsKeys
    case .basicAuth: Self.basicAuthKeys
    case .authorization: Self.authorizationKeys
    case .label: Self.labelKeys
    case .webFile: Self.webFileKeys
    case .tlsServer: Self.tlsServerKeys
    case .httpServer: Self.httpServerKeys
    case .headers: Self.headerKeys
    }
  }

  /// Those of `keys` that must stand here; whether a file needs jobs depends on who reads it.
  var requiredKeys: [String] {
    switch self {
    case .file, .global, .web, .tls, .webFile, .httpServer, .headers: []
    case .exporter: [ExporterKey.name.rawValue, ExporterKey.proofs.rawValue]
    case .job: [JobKey.jobName.rawValue, JobKey.ranges.rawValue]
    case .basicAuth: keys
    case .authorization: [AuthorizationKey.credentialsFile.rawValue]
    case .label: keys
    case .tlsServer: [TLSServerKey.certFile.rawValue, TLSServerKey.keyFile.rawValue]
    }
  }

  private static let fileKeys = FileKey.allCases.map(\.rawValue)
  private static let globalKeys = CommonKey.allCases.map(\.rawValue) + LimitKey.allCases.map(\.rawValue)
  private static let webKeys = WebKey.allCases.map(\.rawValue)
  private static let exporterKeys = ExporterKey.allCases.map(\.rawValue)
  private static let jobKeys = JobKey.allCases.map(\.rawValue) + CommonKey.allCases.map(\.rawValue)
  private static let tlsKeys = TLSKey.allCases.map(\.rawValue)
  private static let basicAuthKeys = BasicAuthKey.allCases.map(\.rawValue)
  private static let authorizationKeys = AuthorizationKey.allCases.map(\.rawValue)
  private static let labelKeys = LabelKey.allCases.map(\.rawValue)
  private static let webFileKeys = WebFileKey.allCases.map(\.rawValue)
  private static let tlsServerKeys = TLSServerKey.allCases.map(\.rawValue)
  private static let httpServerKeys = HTTPServerKey.allCases.map(\.rawValue)
  private static let headerKeys = HeaderKey.allCases.map(\.rawValue)
}

/// The keys at the top of the file.
enum FileKey: String, CaseIterable {
  case global
  case web
  case exporters
  case scanConfigs = "scan_configs"
}

/// The keys of `global` alone.
enum LimitKey: String, CaseIterable {
  case rate
  case concurrency
  case maxAddresses = "max_addresses"
}

/// The keys of `web`.
enum WebKey: String, CaseIterable {
  case listenAddress = "listen_address"
  case configFile = "config_file"
  case enableLifecycle = "enable_lifecycle"
  case allowedHosts = "allowed_hosts"
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
  case sweep
  case spread
  case allowPublic = "allow_public"
  case exclude
  case notPrinters = "not_printers"
}

/// The keys of a job alone.
enum JobKey: String, CaseIterable {
  case jobName = "job_name"
  case ranges
  case exporters
  case ports
  case scheme
  case tlsConfig = "tls_config"
  case basicAuth = "basic_auth"
  case authorization
  case targetFile = "target_file"
  case fileMode = "file_mode"
  case groupBy = "group_by"
  case labels
  case targetLabels = "target_labels"
}

/// The keys of an exporter that the file describes.
enum ExporterKey: String, CaseIterable {
  case name
  case ports
  case scheme
  case metricsPath = "metrics_path"
  case request
  case proofs
  case version
  case nodename
}

/// The keys of a label that tells something of an exporter.
enum LabelKey: String, CaseIterable {
  case family
  case label
}

/// The keys of `tls_config`, as in prometheus.yml.
enum TLSKey: String, CaseIterable {
  case caFile = "ca_file"
  case certFile = "cert_file"
  case keyFile = "key_file"
  case serverName = "server_name"
  case insecureSkipVerify = "insecure_skip_verify"
}

/// The keys of `basic_auth`, as in prometheus.yml.
enum BasicAuthKey: String, CaseIterable {
  case username
  case passwordFile = "password_file"
}

/// The keys of `authorization`, as in prometheus.yml.
enum AuthorizationKey: String, CaseIterable {
  case type
  case credentialsFile = "credentials_file"
}
