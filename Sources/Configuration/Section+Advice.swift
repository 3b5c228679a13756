extension Section {
  /// What there is to say of a key that may not stand here.
  func advice(on key: String) -> String {
    if let file = filesInstead[key] {
      let content = Self.certificateKeys.contains(key) ? "certificates" : "secrets"
      return "'\(key)' may not stand here, as \(content) come from files; name one with '\(file)'"
    }
    if self == .webFile, key == "rate_limit" {
      return "'rate_limit' may not stand here, as requests are not limited; remove it"
    }
    if let near = Spelling.nearest(to: key, among: keys) {
      return "unknown key '\(key.excerpt)'; did you mean '\(near)'?"
    }
    // A bare 'name' does not say whose it is.
    let all = Self.allCases.filter { $0.keys.contains(key) && key != ExporterKey.name.rawValue }
    let near = all.filter { $0.isOfWebConfig == isOfWebConfig }
    // What is of a web config file may be written here instead, hardly the other way round.
    let homes = near.isEmpty && (self == .file || self == .web) ? all : near
    guard homes.isEmpty else {
      return "key '\(key)' belongs \(homes.map(\.place).joined(separator: " or "))"
    }
    return "unknown key '\(key.excerpt)'; known here are \(keys.joined(separator: ", "))"
  }

  /// The keys with which Prometheus takes a secret or a certificate itself, each with the one that names a file instead.
  var filesInstead: [String: String] {
    switch self {
    case .tls: ["key": TLSKey.keyFile.rawValue]
    case .basicAuth: ["password": BasicAuthKey.passwordFile.rawValue]
    case .authorization: ["credentials": AuthorizationKey.credentialsFile.rawValue]
    case .tlsServer:
      [
        "cert": TLSServerKey.certFile.rawValue, "key": TLSServerKey.keyFile.rawValue,
        "client_ca": TLSServerKey.clientCAFile.rawValue,
      ]
    case .file, .global, .web, .exporter, .job, .label, .webFile, .httpServer, .headers: [:]
    }
  }

  private static let certificateKeys = ["cert", "client_ca"]

  private var place: String {
    switch self {
    case .file: "at the top of the file"
    case .global: "in 'global'"
    case .web: "in 'web'"
    case .exporter: "in an entry of 'exporters' at the top of the file"
    case .job: "in a job of 'scan_configs'"
    case .tls: "in 'tls_config'"
    case .basicAuth: "in 'basic_auth'"
    case .authorization: "in 'authorization'"
    case .label: "in 'version' or 'nodename'"
    case .webFile: "at the top of the web config file"
    case .tlsServer: "in 'tls_server_config' of the web config file"
    case .httpServer: "in 'http_server_config' of the web config file"
    case .headers: "in 'headers' of the web config file"
    }
  }
}
