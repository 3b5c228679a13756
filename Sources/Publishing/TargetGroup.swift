package import Addressing

/// Targets that share their labels, as Prometheus calls one element of a `file_sd` file.
package struct TargetGroup: Hashable, Sendable {
  package var targets: [Endpoint]
  package var labels: [String: String]

  package init(targets: [Endpoint], labels: [String: String]) {
    self.targets = targets
    self.labels = labels
  }
}

extension TargetGroup {
  /// The job that keeps a target; a group with this label is one that subnet-sd wrote.
  package static let jobLabel = "__meta_subnet_sd_job"
  package static let prefixLabel = "__meta_subnet_sd_prefix"
  package static let exporterLabel = "__meta_subnet_sd_exporter"

  /// One group per prefix and exporter, in the order of the prefixes, then of the exporters' names; the
  /// targets of each in address order.
  ///
  /// `targets` names the exporter at each endpoint, `groupBy` is the prefix length for IPv4. A label of the
  /// job's that is named like one of ours gives way to it.
  package static func groups(
    of targets: [Endpoint: String], job: String, labels: [String: String], groupBy: Int
  ) -> [TargetGroup] {
    var members: [Key: [Endpoint]] = [:]
    for (endpoint, exporter) in targets {
      members[Key(of: endpoint, exporter, groupBy), default: []].append(endpoint)
    }
    return members.sorted { $0.key < $1.key }.map { key, endpoints in
      let ours = [jobLabel: job, prefixLabel: "\(key.prefix)", exporterLabel: key.exporter]
      return TargetGroup(targets: endpoints.sorted(), labels: labels.merging(ours) { $1 })
    }
  }

  private struct Key: Hashable, Comparable {
    let prefix: Prefix
    let exporter: String

    init(of endpoint: Endpoint, _ exporter: String, _ groupBy: Int) {
      prefix = Prefix(grouping: endpoint.address, by: groupBy)
      self.exporter = exporter
    }

    static func < (left: Key, right: Key) -> Bool {
      (left.prefix, left.exporter) < (right.prefix, right.exporter)
    }
  }
}
