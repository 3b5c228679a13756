/// Who may ask, and over what: a web config file, made ready for use.
package struct Protection: Sendable {
  /// Nil for plain HTTP.
  package var tls: ServerTLS?
  /// Bcrypt hashes by the user's name; where there is none, anybody may ask.
  package var users: [String: String]
  /// What is added to each answer.
  package var headers: [(name: String, value: String)]

  package init(tls: ServerTLS? = nil, users: [String: String] = [:], headers: [(name: String, value: String)] = []) {
    self.tls = tls
    self.users = users
    self.headers = headers
  }
}
