extension Section {
  /// What there is to say of a key that may not stand here.
  func advice(on key: String) -> String {
    if let file = secretFiles[key] {
      return "'\(key)' may not stand here, as secrets come from files; name one with '\(file)'"
    }
    if let near = Spelling.nearest(to: key, among: keys) {
      return "unknown key '\(key.excerpt)'; did you mean '\(near)'?"
    }
    // A bare 'name' does not say whose it is.
    let homes = Self.allCases.filter { $0.keys.contains(key) && key != ExporterKey.name.rawValue }
    guard homes.isEmpty else {
      return "key '\(key)' belongs \(homes.map(\.place).joined(separator: " or "))"
    }
    return "unknown key '\(key.excerpt)'; known here are \(keys.joined(separator: ", "))"
  }

  /// The keys with which prometheus.yml takes a secret itself, each with the one that names a file instead.
  var secretFiles: [String: String] {
    switch self {
    case .tls: ["key": TLSKey.keyFile.rawValue]
    case .basicAuth: ["password": BasicAuthKey.passwordFile.rawValue]
    case .authorization: ["credentials": AuthorizationKey.credentialsFile.rawValue]
    case .file, .global, .exporter, .job, .label: [:]
    }
  }

  private var place: String {
    switch self {
    case .file: "at the top of the file"
    case .global: "in 'global'"
    case .exporter: "in an entry of 'exporters' at the top of the file"
    case .job: "in a job of 'scan_configs'"
    case .tls: "in 'tls_config'"
    case .basicAuth: "in 'basic_auth'"
    case .authorization: "in 'authorization'"
    case .label: "in 'version' or 'nodename'"
    }
  }
}
