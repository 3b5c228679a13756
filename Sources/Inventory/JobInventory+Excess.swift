package import Addressing

/// A machine that answers at more addresses than are listed of one.
package struct Excess: Hashable, Sendable {
  package let exporter: String
  package let nodename: String
  /// How many endpoints of it the last scan has found that are not listed.
  package internal(set) var count = 0
  /// The first of them, in their order.
  package internal(set) var endpoints: [Endpoint] = []

  /// The word for them among what is refused.
  package static let kind = "excess"
}

/// One host can answer at each address of a large prefix: that must not fill the list.
extension JobInventory {
  /// How many endpoints of one process become targets: a /22 of virtual addresses at one load balancer does.
  package static let maxOfMachine = 1_024
  /// How many are shown of those that do not, in all.
  static let maxShownExcess = 1_000
  /// How many machines are told in `settling`; a host could make up a name for each scan.
  static let maxToldExcess = 16

  /// Which of the endpoints that a scan has found become targets; the others are noted in `excess`.
  ///
  /// Of a process that has `maxOfMachine` targets one more does in each /24 or /64 that has none of it yet, so that no
  /// host hides another one elsewhere by showing the same at many addresses. What is a target stays one.
  mutating func admit(_ found: [Endpoint], of seen: [Endpoint: Sighting]) -> [Endpoint] {
    excess = []
    let crowded = crowdedStarts(found, of: seen)
    guard !crowded.isEmpty else { return found }
    var crowds: [ProcessIdentity: Crowd] = [:]
    for target in targets.values {
      guard let identity = ProcessIdentity(target.sighting), crowded.contains(identity.startTime) else { continue }
      crowds[identity, default: Crowd()].take(target.endpoint)
    }
    var admitted: [Endpoint] = []
    var left: [Machine: Excess] = [:]
    var shown = 0
    for endpoint in found.sorted() {
      guard let identity = seen[endpoint].flatMap({ ProcessIdentity($0) }), crowded.contains(identity.startTime),
        !crowds[identity, default: Crowd()].take(endpoint)
      else {
        admitted.append(endpoint)
        continue
      }
      let machine = Machine(exporter: identity.exporter, nodename: identity.nodename)
      left[machine, default: Excess(exporter: machine.exporter, nodename: machine.nodename)]
        .note(endpoint, isShown: shown < Self.maxShownExcess)
      shown += 1
    }
    excess = left.values.sorted { ($0.exporter, $0.nodename) < ($1.exporter, $1.nodename) }
    return admitted
  }

  /// The times of start that more than `maxOfMachine` endpoints share, some of them found just now.
  private func crowdedStarts(_ found: [Endpoint], of seen: [Endpoint: Sighting]) -> Set<Double> {
    guard !found.isEmpty, found.count + targets.count > Self.maxOfMachine else { return [] }
    var counts: [Double: Int] = [:]
    for endpoint in found {
      if let start = seen[endpoint]?.startTime { counts[start, default: 0] += 1 }
    }
    for target in targets.values {
      if let start = target.sighting.startTime, let count = counts[start] { counts[start] = count + 1 }
    }
    return Set(counts.lazy.filter { $0.value > Self.maxOfMachine }.map(\.key))
  }

  /// Tells of which machines not all addresses are listed: each once, while that goes on.
  mutating func noteExcess(now: SuspendingClock.Instant) -> [InventoryEvent] {
    if !toldExcess.isEmpty { toldExcess = toldExcess.filter { now - $0.value < Self.settling } }
    var events: [InventoryEvent] = []
    for excess in excess {
      let machine = Machine(exporter: excess.exporter, nodename: excess.nodename)
      if toldExcess[machine] == nil {
        guard toldExcess.count < Self.maxToldExcess else { continue }
        events.append(.crowded(excess))
      }
      toldExcess[machine] = now
    }
    return events
  }

  /// What a machine is called, over restarts.
  struct Machine: Hashable, Sendable {
    let exporter: String
    let nodename: String
  }
}

/// The targets of one process.
private struct Crowd {
  private var count = 0
  private var prefixes: Set<Prefix> = []

  /// Returns whether one more may be a target.
  @discardableResult
  mutating func take(_ endpoint: Endpoint) -> Bool {
    let isNew = prefixes.insert(Prefix(grouping: endpoint.address, by: 24)).inserted
    guard isNew || count < JobInventory.maxOfMachine else { return false }
    count += 1
    return true
  }
}

extension Excess {
  fileprivate mutating func note(_ endpoint: Endpoint, isShown: Bool) {
    count += 1
    if isShown { endpoints.append(endpoint) }
  }
}
