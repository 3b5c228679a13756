/// Every exporter that can be told, and which metric families tell it.
package struct Catalogue: Hashable, Sendable {
  /// In the order of their names.
  package let exporters: [Exporter]
  /// What each family that matters says, by the family's name.
  let roles: [String: [Role]]

  /// What a metric family says; the number is the exporter's place in `exporters`.
  enum Role: Hashable, Sendable {
    case proof(of: Int)
    case version(of: Int, label: String)
    case nodename(of: Int, label: String)
    case startTime
  }

  /// The family whose value is the time at which the process began, in seconds since 1970; every client library that
  /// follows Prometheus' conventions has it.
  package static let startTimeFamily = "process_start_time_seconds"

  /// One of `exporters` stands for another that comes before it and has its name.
  package init(_ exporters: [Exporter]) {
    let byName = Dictionary(exporters.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.exporters = byName.values.sorted { $0.name < $1.name }
    var roles: [String: [Role]] = [Self.startTimeFamily: [.startTime]]
    for (index, exporter) in self.exporters.enumerated() {
      for proof in exporter.proofs { roles[proof, default: []].append(.proof(of: index)) }
      if let label = exporter.version {
        roles[label.family, default: []].append(.version(of: index, label: label.name))
      }
      if let label = exporter.nodename {
        roles[label.family, default: []].append(.nodename(of: index, label: label.name))
      }
    }
    self.roles = roles
  }

  /// This, with exporters of somebody's own, which stand for those of the same name.
  package func adding(_ exporters: [Exporter]) -> Catalogue {
    exporters.isEmpty ? self : Catalogue(self.exporters + exporters)
  }

  /// The exporter that refuses a request in these words, if one is known by them.
  package func refuser(inWords page: String) -> Exporter? {
    exporters.first { !$0.refusalWords.isEmpty && $0.refusalWords.allSatisfy(page.contains) }
  }

  package subscript(name: String) -> Exporter? { exporters.first { $0.name == name } }
}
