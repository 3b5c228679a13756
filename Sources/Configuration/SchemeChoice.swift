/// How a job speaks to its endpoints; the raw value is what the file says.
package enum SchemeChoice: String, Hashable, Sendable, CaseIterable {
  /// As each endpoint will have it.
  case auto
  case http, https
}
