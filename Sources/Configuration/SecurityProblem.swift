/// A way to speak TLS, or to say who asks, that cannot be.
///
/// What may be a secret that was written in the wrong place is not shown, as messages end up in the journal.
package enum SecurityProblem: Hashable, Sendable {
  case fileName(key: String)
  case loneFile(String, without: String)
  case unusedTLS
  case serverName(String)
  case addressAsServerName(String)
  case twoCredentials
  case username
  case authorizationType
  case basicAsType(String)

  /// PATH_MAX is 4096 with the NUL.
  static let maxPathBytes = 4095
  /// What else a request's head holds must find room beside it.
  static let maxUsernameBytes = 255
  static let maxTypeBytes = 64
}

extension SecurityProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fileName(let key):
      "'\(key)' must be the path of a file, 1 to \(Self.maxPathBytes) bytes without control characters"
    case .loneFile(let key, let other):
      "'\(key)' is of no use without '\(other)'; write both or neither"
    case .unusedTLS:
      "'tls_config' is of no use with 'scheme: http'; remove one of them"
    case .serverName(let text):
      "'\(text.excerpt)' is not a server_name; write a DNS host name such as node.example.org"
    case .addressAsServerName(let text):
      "'\(text.excerpt)' is an address, not a server_name; leave it out, and certificates are checked against the "
        + "address itself"
    case .twoCredentials:
      "'basic_auth' and 'authorization' stand in one job; remove one of them"
    case .username:
      "'username' must be up to \(Self.maxUsernameBytes) bytes without ':' and control characters; the password "
        + "comes from 'password_file'"
    case .authorizationType:
      "'type' must be one word such as Bearer; the rest comes from 'credentials_file'"
    case .basicAsType(let text):
      "'\(text)' is not a type that 'authorization' takes; write 'basic_auth' instead"
    }
  }
}
