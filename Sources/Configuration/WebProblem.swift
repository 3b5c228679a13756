/// A way to be asked over HTTP that cannot be.
///
/// No password hash is shown, nor what stands in its place, as messages end up in the journal.
package enum WebProblem: Hashable, Sendable {
  case listenAddress(String)
  /// With what to write instead.
  case hostName(String, instead: String)
  case unixPath
  case allowedHost(String)
  case http2
  case headerValue(String)
  case serverOrder
  case unverifiedClients(String)
  case noAuthorities(String)
  case uselessWithoutClients(String)
  case oldVersion(String)
  case versions(TLSServer.Version, above: TLSServer.Version)
  case cipherSuite(String)
  case chosenForTLS13(String)
  case uselessCipherSuites
  case clientName
  case noUsers
  case userName
  case hash
  case cost(Int)

  static let maxHeaderBytes = 4096
  /// Longer than any name of a host, and than the URIs that name workloads.
  static let maxClientNameBytes = 2048
  static let maxClientNames = 1000
  static let maxUsers = 1000
  static let maxAllowedHosts = 100
}

extension WebProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .listenAddress(let text):
      "'\(text.excerpt)' is not a listen_address; write 127.0.0.1:19100, \"[::1]:19100\", :19100 for every address, "
        + "unix:/PATH, or \"\" for none"
    case .hostName(let text, let instead):
      "'\(text.excerpt)' is not a listen_address, as names are not looked up; write \(instead)"
    case .unixPath:
      "'unix:' must be followed by an absolute path of up to \(ListenAddress.maxPathBytes) bytes that ends in a name, "
        + "without control characters"
    case .allowedHost(let text):
      "'\(text.excerpt)' is not an item of 'allowed_hosts'; write the name of a host such as scanner.example.org, "
        + "without a port"
    case .http2:
      "'http2' cannot be true, as only HTTP/1.1 is spoken; write false or leave it out"
    case .headerValue(let name):
      "the value of '\(name)' must be 1 to \(Self.maxHeaderBytes) printable ASCII characters, no space first or last"
    case .serverOrder:
      "'prefer_server_cipher_suites' cannot be true, as the client's order decides; write false or leave it out"
    case .unverifiedClients(let text):
      "'\(text)' cannot be, as a certificate that is not verified proves nothing; write RequireAndVerifyClientCert"
    case .noAuthorities(let text):
      "'\(text)' needs 'client_ca_file', the authorities that clients' certificates come from"
    case .uselessWithoutClients(let key):
      "'\(key)' is of no use without 'client_auth_type: RequireAndVerifyClientCert'; write both or neither"
    case .oldVersion(let text):
      "'\(text)' is broken and not spoken; write TLS12 or TLS13"
    case .versions(let lower, let upper):
      "the min_version \(lower.rawValue) is above the max_version \(upper.rawValue); swap them"
    case .cipherSuite(let text):
      if let near = Spelling.nearest(to: text, among: Self.cipherSuites) {
        "unknown cipher suite '\(text.excerpt)'; did you mean '\(near)'?"
      } else {
        "unknown cipher suite '\(text.excerpt)'; known are \(Self.cipherSuites.joined(separator: ", "))"
      }
    case .chosenForTLS13(let text):
      "'\(text)' is of TLS 1.3, whose cipher suites cannot be chosen; remove it, and it is used all the same"
    case .uselessCipherSuites:
      "'cipher_suites' is of no use with 'min_version: TLS13', whose cipher suites cannot be chosen; remove one of them"
    case .clientName:
      "an item of 'client_allowed_sans' must be 1 to \(Self.maxClientNameBytes) bytes without control characters"
    case .noUsers:
      "'basic_auth_users' has no user, and everybody might ask; write one, or remove it if that is meant"
    case .userName:
      "a user's name must be 1 to \(SecurityProblem.maxUsernameBytes) bytes without ':' and control characters"
    case .hash:
      "a user's password must be a bcrypt hash; make one with 'htpasswd -nBC 10 USER', and write what follows the colon"
    case .cost(let cost):
      "a bcrypt hash of cost \(cost) takes too long to check; make one of cost \(BcryptHash.maxCost) at most with "
        + "'htpasswd -nBC 10 USER'"
    }
  }

  private static let cipherSuites = TLSServer.CipherSuite.allCases.map(\.rawValue)
}
