/// What an exporter says of itself.
package struct Identity: Hashable, Sendable {
  /// The name in the catalogue, or `unknownName`.
  package var exporter: String
  package var version: String?
  package var nodename: String?
  /// When its process began, in seconds since 1970.
  package var startTime: Double?

  /// What an exposition is called that nothing in the catalogue explains.
  package static let unknownName = "unknown"

  package init(exporter: String, version: String? = nil, nodename: String? = nil, startTime: Double? = nil) {
    self.exporter = exporter
    self.version = version
    self.nodename = nodename
    self.startTime = startTime
  }
}

extension Identity: CustomStringConvertible {
  package var description: String {
    [exporter, version, nodename].compactMap(\.self).joined(separator: " ")
  }
}
