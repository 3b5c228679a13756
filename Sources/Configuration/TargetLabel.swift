/// What is found out of a single target and can be a label of it; the raw value is what the file says.
package enum TargetLabel: String, Hashable, Sendable, CaseIterable {
  case nodename, hostname, version
}
