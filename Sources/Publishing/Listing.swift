internal import Addressing
internal import Exporters
package import Documents

/// What a `file_sd` file lists, whoever wrote it.
package struct Listing {
  struct Group {
    var targets: [String] = []
    var labels: [String: String] = [:]

    /// The job that the group was written for, if subnet-sd wrote it.
    var job: String? { labels[TargetGroup.jobLabel] }
  }

  var groups: [Group]

  /// The targets that are wanted, each with what is said of it.
  func claims(where isWanted: (Endpoint) -> Bool) -> [Endpoint: Claim] {
    var claims: [Endpoint: Claim] = [:]
    for group in groups {
      let claim = Claim(
        exporter: group.labels[TargetGroup.exporterLabel],
        scheme: group.labels[TargetGroup.schemeLabel].flatMap { Scheme(rawValue: $0) },
        metricsPath: group.labels[TargetGroup.pathLabel].flatMap { Exporter.isPath($0) ? $0 : nil })
      for case let endpoint? in group.targets.map({ Endpoint($0) }) where isWanted(endpoint) {
        claims[endpoint] = claim
      }
    }
    return claims
  }

  /// The targets that only this file knows: they were written for none of `writers`, and the job does not scan them.
  func foreign(to endpoints: EndpointSet, _ writers: Set<String>) -> [String] {
    groups.filter { group in group.job.map { !writers.contains($0) } ?? true }.flatMap(\.targets).filter { target in
      guard let endpoint = Endpoint(target) else { return true }
      return !endpoints.contains(endpoint)
    }
  }
}

// MARK: - Parsing

extension Listing {
  /// Why a file is none that Prometheus takes; `description` is the sentence to show, without the place.
  package enum Invalid: Error, Hashable, Sendable {
    case document(DocumentError)
    case notAList(Position)
    case notAGroup(Position)
    case unknownKey(String, Position)
    case duplicateKey(String, Position)
    case notTargets(Position)
    case notLabels(Position)
  }

  /// Parses as Prometheus does, and no more leniently; a file with nothing in it lists nothing.
  init(_ bytes: [UInt8]) throws(Invalid) {
    groups = []
    let root: Node?
    do throws(DocumentError) {
      // PyYAML writes aliases where a script gave two groups the same labels.
      root = try Node.parse(bytes, allowingAliases: true, maxBytes: Int(PublishingError.maxSize))
    } catch {
      throw .document(error)
    }
    guard let root, !root.isNull else { return }
    guard let items = root.items else { throw .notAList(root.position) }
    for item in items { groups.append(try Self.group(item)) }
  }

  private static func group(_ node: Node) throws(Invalid) -> Group {
    guard let entries = node.entries else { throw .notAGroup(node.position) }
    var group = Group()
    try forEachUnique(entries) { key, value throws(Invalid) in
      switch key.text {
      case "targets": group.targets = try targets(value)
      case "labels": group.labels = try labels(value)
      default: throw .unknownKey(key.text ?? "", key.position)
      }
    }
    return group
  }

  private static func targets(_ node: Node) throws(Invalid) -> [String] {
    if node.isNull { return [] }
    guard let items = node.items else { throw .notTargets(node.position) }
    var targets: [String] = []
    for item in items {
      guard let target = item.text else { throw .notTargets(item.position) }
      targets.append(target)
    }
    return targets
  }

  private static func labels(_ node: Node) throws(Invalid) -> [String: String] {
    if node.isNull { return [:] }
    guard let entries = node.entries else { throw .notLabels(node.position) }
    var labels: [String: String] = [:]
    try forEachUnique(entries) { key, value throws(Invalid) in
      guard let name = key.text, let text = value.isNull ? "" : value.text else {
        throw .notLabels(value.position)
      }
      labels[name] = text
    }
    return labels
  }

  private static func forEachUnique(
    _ entries: [Node.Entry], _ body: (_ key: Node, _ value: Node) throws(Invalid) -> Void
  ) throws(Invalid) {
    var seen: Set<String> = []
    for entry in entries {
      let name = entry.key.text ?? ""
      guard seen.insert(name).inserted else { throw .duplicateKey(name, entry.key.position) }
      try body(entry.key, entry.value)
    }
  }
}

extension Listing.Invalid: CustomStringConvertible {
  package var position: Position {
    switch self {
    case .document(let error): error.position
    case .notAList(let position), .notAGroup(let position), .unknownKey(_, let position),
      .duplicateKey(_, let position), .notTargets(let position), .notLabels(let position):
      position
    }
  }

  package var description: String {
    switch self {
    case .document(let error): "\(error)"
    case .notAList: "not a list of target groups"
    case .notAGroup: "not a target group, a mapping with 'targets' and 'labels'"
    case .unknownKey(let key, _): "'\(key.shown)' is not a key of a target group"
    case .duplicateKey(let key, _): "'\(key.shown)' stands here twice"
    case .notTargets: "'targets' is not a list of texts"
    case .notLabels: "'labels' is not a mapping of names to texts"
    }
  }
}
