/// What a request says of who asks; the secret itself stays in a file, which is named as it is written.
package enum Credentials: Hashable, Sendable {
  /// The name has no colon (RFC 7617).
  case basic(username: String, passwordFile: String)
  /// The type is a token (RFC 7235) such as `Bearer`.
  case authorization(type: String, credentialsFile: String)
}
