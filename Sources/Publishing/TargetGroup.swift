package import Addressing
package import Exporters

/// Targets that share their labels, as Prometheus calls one element of a `file_sd` file.
package struct TargetGroup: Hashable, Sendable {
  package var targets: [Endpoint]
  package var labels: [String: String]

  package init(targets: [Endpoint], labels: [String: String]) {
    self.targets = targets
    self.labels = labels
  }
}

/// What a target group says of its targets beside the job's labels.
package struct Traits: Hashable, Sendable {
  package var exporter: String
  package var scheme: Scheme
  package var metricsPath: String
  /// Names of the target's own, by the end of the label's name; each splits its group.
  package var names: [String: String]

  package init(
    exporter: String, scheme: Scheme = .http, metricsPath: String = Exporter.usualPath, names: [String: String] = [:]
  ) {
    self.exporter = exporter
    self.scheme = scheme
    self.metricsPath = metricsPath
    self.names = names
  }

  /// What Prometheus takes for granted is not said.
  fileprivate var labels: [String: String] {
    var labels = [TargetGroup.exporterLabel: exporter]
    if scheme != .http { labels[TargetGroup.schemeLabel] = scheme.rawValue }
    if metricsPath != Exporter.usualPath { labels[TargetGroup.pathLabel] = metricsPath }
    for (name, value) in names { labels[TargetGroup.labelPrefix + name] = value }
    return labels
  }

  /// What groups of one prefix are ordered by.
  fileprivate var order: [String] {
    [exporter, scheme.rawValue, metricsPath] + names.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
  }
}

extension TargetGroup {
  fileprivate static let labelPrefix = "__meta_subnet_sd_"
  /// The job that keeps a target; a group with this label is one that subnet-sd wrote.
  package static let jobLabel = labelPrefix + "job"
  package static let prefixLabel = labelPrefix + "prefix"
  package static let exporterLabel = labelPrefix + "exporter"
  static let schemeLabel = "__scheme__"
  static let pathLabel = "__metrics_path__"

  /// One group per prefix and traits, in the order of the prefixes, then of the exporters' names, then of the other
  /// traits; the targets of each in address order.
  ///
  /// `groupBy` is the prefix length for IPv4. A label of the job's that is named like one of ours gives way to it.
  package static func groups(
    of targets: [Endpoint: Traits], job: String, labels: [String: String], groupBy: Int
  ) -> [TargetGroup] {
    var members: [Key: [Endpoint]] = [:]
    for (endpoint, traits) in targets {
      members[Key(prefix: Prefix(grouping: endpoint.address, by: groupBy), traits: traits), default: []].append(
        endpoint)
    }
    let ordered = members.map { (key: $0.key, order: $0.key.traits.order, endpoints: $0.value) }.sorted { left, right in
      guard left.key.prefix == right.key.prefix else { return left.key.prefix < right.key.prefix }
      return left.order.lexicographicallyPrecedes(right.order)
    }
    return ordered.map { key, _, endpoints in
      let ours = key.traits.labels.merging([jobLabel: job, prefixLabel: "\(key.prefix)"]) { $1 }
      return TargetGroup(targets: endpoints.sorted(), labels: labels.merging(ours) { $1 })
    }
  }

  private struct Key: Hashable {
    let prefix: Prefix
    let traits: Traits
  }
}
