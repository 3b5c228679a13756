package import Addressing

/// What operators and configurations change.
extension JobInventory {
  /// What came of a wish to forget a target.
  package enum Forgetting: Hashable, Sendable {
    case forgotten([InventoryEvent])
    /// It answers, and would be found again.
    case isUp
    case unknown
  }

  /// Drops a silent target because an operator says so, held or not.
  package mutating func forget(_ endpoint: Endpoint, by user: UInt32) -> Forgetting {
    guard let target = targets[endpoint] else { return .unknown }
    guard target.silence != nil else { return .isUp }
    remove(endpoint)
    return .forgotten([.forgotten(target, by: user)] + noteDuplicates())
  }

  /// Goes on by another policy, after targets were taken out and inherited; what is known stays.
  package mutating func adjust(to policy: Policy) -> [InventoryEvent] {
    let ended = endHolds(unlessGroupedBy: policy.groupBy)
    self.policy = policy
    return ended + noteDuplicates()
  }

  /// Takes out the targets that are not in `endpoints`, in their order: a change of configuration takes them along at
  /// once.
  package mutating func takeOut(except endpoints: EndpointSet) -> [Target] {
    let taken = targets.values.filter { !endpoints.contains($0.endpoint) }.sorted { $0.endpoint < $1.endpoint }
    for target in taken { remove(target.endpoint) }
    return taken
  }

  /// Takes over a target of another job with its history, unless the endpoint is known already.
  package mutating func inherit(_ target: Target) {
    guard targets[target.endpoint] == nil else { return }
    targets[target.endpoint] = target
    departed.remove(target.endpoint)
    revision += 1
  }

  /// Takes what the DNS calls addresses, nil for those without a name; returns whether that is news.
  package mutating func name(_ hostnames: [Address: String?]) -> Bool {
    let before = revision
    for (endpoint, target) in targets {
      guard let hostname = hostnames[endpoint.address], hostname != target.hostname else { continue }
      targets[endpoint]?.hostname = hostname
      revision += 1
    }
    return revision != before
  }

  /// Remembers that a target left that the target file may still list.
  package mutating func noteDeparture(of endpoint: Endpoint) {
    guard targets[endpoint] == nil else { return }
    departed.insert(endpoint)
    revision += 1
  }
}
