/// Why only TLS will do at an endpoint, so that plain HTTP there is no answer.
package enum Insistence: Hashable, Sendable {
  /// The job says `scheme: https`.
  case scheme
  /// The job has credentials, which Prometheus would send in the clear.
  case credentials
  /// The job verifies certificates.
  case verification
  /// TLS was spoken there before: what speaks plain HTTP now may be another machine.
  case past

  /// What follows `speaks plain HTTP`: why that is no target, and what to do if it is meant.
  var phrase: String {
    switch self {
    case .scheme: "and the job says 'scheme: https'"
    case .credentials: "and the job has credentials; write 'scheme: http' if that is meant"
    case .verification: "and the job verifies certificates; write 'scheme: http' without 'tls_config' if that is meant"
    case .past: "and spoke TLS before; if that is meant, forget it"
    }
  }
}
