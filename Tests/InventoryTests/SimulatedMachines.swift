import Addressing
import Inventory
import Support

/// Which process each address of a simulated fleet shows: machines with several addresses, that restart while a scan goes
/// on, and rogues, that copy what others show, and know it before the scan does.
struct SimulatedMachines {
  /// What a rogue shows.
  enum Mask: Hashable {
    case itself(start: Int)
    case nothing
    /// The name of a victim, with a time of start of its own, or the same.
    case name(of: Int, start: Int)
    case copy(of: Int)
  }

  /// A process as it is shown.
  struct Shown: Hashable {
    let endpoint: Endpoint
    let nodename: String?
    let startTime: Double?
  }

  static let rogues: Set<Int> = [0, 1, 46, 47]
  /// Addresses of machines that have another one, in another prefix.
  private static let further = Dictionary(
    uniqueKeysWithValues: (0..<8).map { (36 + $0, $0 == 7 ? 10 : $0 + 4) })
  /// After a restart or another name it takes so many steps until all is as it was: a name is not believed within an hour.
  private static let settling = 64

  private var starts: [Int: Int] = [:]
  private var masks: [Int: Mask] = [:]
  private var restarting: Int?
  private var changed: [Int: Int] = [:]
  /// When each process was first seen at each endpoint, and what each target was when it was found, as the daemon knows.
  private(set) var sights: [Shown: Int] = [:]
  private(set) var found: [Endpoint: (shown: Shown, step: Int)] = [:]
  /// Machines of which an address went for a rogue's: there may be two of them in the list afterwards.
  private var mistaken: Set<Int> = []

  /// The first address of the machine that has this one.
  static func machine(of host: Int) -> Int { further[host] ?? host }

  static func addresses(of machine: Int) -> [Int] {
    [machine] + further.keys.filter { further[$0] == machine }.sorted()
  }

  /// Lets processes restart and rogues show something else; returns what happened.
  mutating func change(at step: Int, _ random: inout SplitMix) -> String? {
    restarting = nil
    for rogue in Self.rogues.sorted() where Int.random(in: 0..<6, using: &random) == 0 {
      masks[rogue] = disguise(masks[rogue], step, &random)
    }
    guard Int.random(in: 0..<10, using: &random) == 0 else { return nil }
    let victims = masks.values.compactMap { if case .copy(let victim) = $0 { victim } else { nil } }
    let hosts = (4..<12).map(\.self) + victims.sorted()
    guard let host = hosts.randomElement(using: &random) else { return nil }
    starts[Self.machine(of: host), default: 0] += 1_000
    restarting = Self.machine(of: host)
    noteChange(of: host, at: step)
    return "restart of \(Self.machine(of: host))"
  }

  mutating func noteChange(of host: Int, at step: Int) { changed[Self.machine(of: host)] = step }

  private func disguise(_ mask: Mask?, _ step: Int, _ random: inout SplitMix) -> Mask {
    let victim = Int.random(in: 2..<46, using: &random)
    switch (mask, Int.random(in: 0..<5, using: &random)) {
    case (.name(let victim, _), 0...3), (.copy(let victim), 0...1): return .copy(of: victim)
    case (.copy(let victim), 2...3): return .name(of: victim, start: step)
    case (_, 0): return .nothing
    case (_, 1): return .itself(start: step)
    case (_, 2...3): return .name(of: victim, start: step)
    default: return .copy(of: victim)
    }
  }

  /// What an address shows in this scan; the names of machines come from `name`.
  func sighting(of host: Int, name: (Int) -> Int, _ random: inout SplitMix) -> Sighting {
    guard Self.rogues.contains(host) else {
      let machine = Self.machine(of: host)
      let isOld = restarting == machine && Bool.random(using: &random)
      return sighting(of: machine, name, start: start(of: machine) - (isOld ? 1_000 : 0))
    }
    switch masks[host] ?? .itself(start: 0) {
    case .itself(let start): return sighting(of: host, name, start: start)
    case .nothing: return Sighting(exporter: "node_exporter")
    case .name(let victim, let start): return sighting(of: Self.machine(of: victim), name, start: 500_000 + start)
    case .copy(let victim):
      let machine = Self.machine(of: victim)
      return sighting(of: machine, name, start: start(of: machine))
    }
  }

  private func start(of machine: Int) -> Int { 1_000_000 + machine + (starts[machine] ?? 0) }

  private func sighting(of machine: Int, _ name: (Int) -> Int, start: Int) -> Sighting {
    Sighting(exporter: "node_exporter", nodename: "host-\(name(machine))", startTime: Double(start))
  }

  /// Notes what a scan has seen, and whom it has found.
  mutating func note(_ report: ScanReport, _ events: [InventoryEvent], at step: Int) {
    for (endpoint, sighting) in report.seen {
      let shown = Shown(endpoint: endpoint, nodename: sighting.nodename, startTime: sighting.startTime)
      if sights[shown] == nil { sights[shown] = step }
    }
    for event in events {
      guard case .new(let target) = event else { continue }
      let sighting = target.sighting
      let shown = Shown(endpoint: target.endpoint, nodename: sighting.nodename, startTime: sighting.startTime)
      found[target.endpoint] = (shown, step)
    }
  }

  /// Notes for which machines a rogue stands.
  mutating func noteMistakes(in inventory: JobInventory) {
    let rogues = Set(Self.rogues.map(Simulation.endpoint))
    for machine in 4..<12 {
      let firsts = Self.addresses(of: machine).compactMap { inventory.targets[Simulation.endpoint($0)]?.further?.of }
      if !rogues.isDisjoint(with: firsts) { mistaken.insert(machine) }
    }
  }

  /// The next process knows what was stored.
  mutating func forget(since stored: SimulatedMachines) { (sights, found) = (stored.sights, stored.found) }

  // MARK: What must hold

  /// Why an address may be left out of the list although it was there: another one of its machine stands for it, or who
  /// was first to show what it is; nil where it may not.
  func excuse(for host: Int, in inventory: JobInventory) -> String? {
    if Self.rogues.contains(host) { return "it is a rogue" }
    let endpoint = Simulation.endpoint(host)
    guard let first = inventory.targets[endpoint]?.duplicateOf else { return nil }
    let own = Self.addresses(of: Self.machine(of: host)).map(Simulation.endpoint)
    if own.contains(first) { return "its machine has another address" }
    // A rogue that stood for a machine which the daemon had not seen.
    return own.contains { isEarlier(first, than: $0) } ? "another one was first" : nil
  }

  private func isEarlier(_ rogue: Endpoint, than victim: Endpoint) -> Bool {
    guard let (shown, step) = found[victim] else { return true }
    let copy = Shown(endpoint: rogue, nodename: shown.nodename, startTime: shown.startTime)
    return sights[copy].map { $0 <= step } ?? false
  }

  /// The machines of which more or fewer than one address is listed although nothing happened to them for long.
  func unsettled(at step: Int, _ inventory: JobInventory, isUp: (Int) -> Bool) -> String? {
    for machine in 4..<12 {
      let addresses = Self.addresses(of: machine)
      guard addresses.count > 1, addresses.allSatisfy(isUp), step - (changed[machine] ?? 0) > Self.settling else {
        continue
      }
      let targets = addresses.compactMap { inventory.targets[Simulation.endpoint($0)] }
      guard targets.count == addresses.count, targets.allSatisfy({ $0.silence == nil }) else { continue }
      let listed = targets.count { inventory.lists($0) }
      let isFirst = addresses.allSatisfy { excuse(for: $0, in: inventory) != "another one was first" }
      if (listed > 1 && !mistaken.contains(machine)) || (listed == 0 && isFirst) {
        return "\(listed) of the addresses \(addresses) are listed"
      }
    }
    return nil
  }
}
