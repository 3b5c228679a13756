/// A kind of software that answers with an exposition, and how to tell it.
package struct Exporter: Hashable, Sendable {
  /// The name that stands in the configuration and in `__meta_subnet_sd_exporter`.
  package let name: String
  package let defaultPorts: [UInt16]
  /// The cheapest request that proves identity.
  let requestTarget: String
  /// The metric family that only this exporter has; its `version` label is the exporter's version.
  let proof: String
  /// The family and label with the name the machine has itself, where the exporter tells it.
  let nodename: Label
  /// The family whose value is the time at which the process began, in seconds since 1970: the Go client library's.
  let startTime = "process_start_time_seconds"
  /// What a 400 says that only this exporter says.
  let telltaleOfBadRequest: [String]

  /// A label of a metric family.
  struct Label: Hashable, Sendable {
    let family: String
    let name: String
  }
}

extension Exporter {
  /// Asked for the one cheap collector `uname`, some 64 lines. Where that collector is switched off the answer is a
  /// 400 that names it, in words only this exporter uses (node_exporter.go, innerHandler); that is proof too.
  package static let node = Exporter(
    name: "node_exporter", defaultPorts: [9100], requestTarget: "/metrics?collect%5B%5D=uname",
    proof: "node_exporter_build_info", nodename: Label(family: "node_uname_info", name: "nodename"),
    telltaleOfBadRequest: ["Couldn't create filtered metrics handler", "collector: uname"])

  /// Every exporter that can be told, by name.
  package static let catalogue = [node]
}
