/// The keys at the top of a web config file.
enum WebFileKey: String, CaseIterable {
  case tlsServerConfig = "tls_server_config"
  case httpServerConfig = "http_server_config"
  case basicAuthUsers = "basic_auth_users"
}

/// The keys of `tls_server_config`.
enum TLSServerKey: String, CaseIterable {
  case certFile = "cert_file"
  case keyFile = "key_file"
  case clientAuthType = "client_auth_type"
  case clientCAFile = "client_ca_file"
  case clientAllowedSANs = "client_allowed_sans"
  case minVersion = "min_version"
  case maxVersion = "max_version"
  case cipherSuites = "cipher_suites"
  case preferServerCipherSuites = "prefer_server_cipher_suites"
  case curvePreferences = "curve_preferences"
}

/// The keys of `http_server_config`.
enum HTTPServerKey: String, CaseIterable {
  case http2
  case headers
}

/// The keys of `headers`, which are sent with every answer.
enum HeaderKey: String, CaseIterable {
  case contentSecurityPolicy = "Content-Security-Policy"
  case frameOptions = "X-Frame-Options"
  case contentTypeOptions = "X-Content-Type-Options"
  case xssProtection = "X-XSS-Protection"
  case strictTransportSecurity = "Strict-Transport-Security"

  /// Nil where the value is free.
  var knownValues: [String]? {
    switch self {
    case .frameOptions: ["deny", "sameorigin"]
    case .contentTypeOptions: ["nosniff"]
    case .contentSecurityPolicy, .xssProtection, .strictTransportSecurity: nil
    }
  }
}
