/// Who may ask, and over what: a web config file, made ready for use.
package struct Protection: Sendable {
  /// Nil for plain HTTP.
  package var tls: ServerTLS?
  /// Bcrypt hashes by the user's name; where there is none, anybody may ask.
  package var users: [String: String]
  /// What is added to each answer.
  package var headers: [(name: String, value: String)]
  /// The names in `Host` by which anybody may ask over TCP; nil for any name.
  package var hosts: AllowedHosts?

  package init(
    tls: ServerTLS? = nil, users: [String: String] = [:], headers: [(name: String, value: String)] = [],
    hosts: AllowedHosts? = nil
  ) {
    self.tls = tls
    self.users = users
    self.headers = headers
    self.hosts = hosts
  }
}
