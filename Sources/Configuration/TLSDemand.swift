/// Why nothing but TLS will do for a job.
package enum TLSDemand: Hashable, Sendable {
  /// It says `scheme: https`.
  case scheme
  /// It has credentials: Prometheus has them as well, and sends them to each target in the way that the target is listed.
  case credentials
  /// Its `tls_config` says which peers to believe, and over plain HTTP that cannot be told.
  case verification

  /// It as a clause.
  package var phrase: String {
    switch self {
    case .scheme: "the job says 'scheme: https'"
    case .credentials: "the job has credentials"
    case .verification: "the job verifies certificates"
    }
  }
}

extension Job {
  /// Why the job finds and publishes targets over TLS only; nil where plain HTTP will do as well.
  ///
  /// `scheme: http` never demands TLS, and `scheme: https` always does. `auto` demands it where the job has credentials,
  /// or where `tls_config` names an authority, a certificate or a server name and does not skip verification. An empty
  /// `tls_config`, and one with `insecure_skip_verify: true`, demand nothing by themselves.
  package var tlsDemand: TLSDemand? {
    switch scheme {
    case .http: nil
    case .https: .scheme
    case .auto where credentials != nil: .credentials
    case .auto where tls.saysWhomToBelieve: .verification
    case .auto: nil
    }
  }
}

extension TLSSettings {
  fileprivate var saysWhomToBelieve: Bool {
    !insecureSkipVerify && (caFile != nil || certFile != nil || serverName != nil)
  }
}
