/// Who may ask over HTTP and how, as the `web.config.file` of the exporters says.
///
/// The format is that of the Prometheus exporter toolkit, docs/web-configuration.md; what of it cannot be done here is a
/// mistake, and so are secrets and certificates written out instead of the name of a file.
package struct WebConfig: Hashable, Sendable {
  /// A header of every answer; the value is printable ASCII.
  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Plain HTTP where nil.
  package var tls: TLSServer?
  /// Each name once, in the order of the file.
  package var headers: [Header] = []
  /// The bcrypt hash of each user's password, of a cost up to 16; with no users nobody is asked who they are.
  package var users: [String: String] = [:]

  /// That of an empty file.
  package init() {}
}
