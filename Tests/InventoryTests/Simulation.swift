import Addressing
import Inventory
import Support

/// A fleet, a network between it and a daemon, and the daemon's inventory with its two files, all in one thread and on
/// clocks that only this moves. The same seed gives the same history.
///
/// What happens is drawn from the seed: packets are lost, scans come to no end, the uplink or a switch fails, machines
/// die, flap, come back and are replaced by others, the wall clock is set, the daemon is killed before, between and after
/// its writes, the machine is rebooted, ranges are excluded and scanned again, an operator releases and forgets; what the
/// addresses show is told by `SimulatedMachines`. With an odd seed one address of a machine is listed.
struct Simulation {
  /// A machine's place in the network.
  struct Host {
    var isAlive = true
    /// When it began to be as it is, in true seconds.
    var since = 0
    var name: Int
    /// When it last answered, and when it was last taken out of the file.
    var lastAnswer: Int?
    var lastUnlisting: Int?
    /// What clocks that were set may have added to its silence, and restarts may have taken from it, at most.
    var phantom = 0
    var forgiven = 0
    /// The time of complete scans outside of holds in which it was silent.
    var watched = 0
  }

  /// What is wrong, and after what.
  struct Violation: Error, CustomStringConvertible {
    let description: String
  }

  static let hostCount = 48
  static let prefixes = 3
  static let fewest = 9
  static let interval = 60
  static let removeAfter = 3_600

  let seed: UInt64
  /// Whether reports are put together in another order, which must make no difference.
  let isReversed: Bool
  private var random: SplitMix
  private(set) var step = 0
  private var now = 0
  private var boot = 0
  private var wallOffset = 0
  private(set) var hosts: [Host]
  private var excluded: ClosedRange<Int>?
  private var outage: (prefix: Int?, until: Int)?
  private var loss = 0.0
  private var processScans = 0
  /// What is stored as gone, and may stand in the file still.
  private var leaving: Set<Endpoint> = []
  private var machines = SimulatedMachines()
  private var storedMachines = SimulatedMachines()
  /// Since when each address was seen in all scans.
  private var seenSince: [Int: Int] = [:]

  private var inventory: JobInventory
  private(set) var stored: [UInt8] = []
  private var storedRevision = -1
  private var storedAt = 0
  private var storedWallOffset = 0
  private(set) var file: Set<Endpoint> = []
  private(set) var history: [String] = []
  /// How often each kind of thing happened, so that a test can tell that all did.
  private(set) var occurrences: [String: Int] = [:]

  private let policy: Policy

  init(seed: UInt64, isReversed: Bool = false) {
    self.seed = seed
    self.isReversed = isReversed
    random = SplitMix(seed: seed)
    hosts = (0..<Self.hostCount).map { Host(name: $0) }
    policy = Policy(
      removal: .after(.seconds(Self.removeAfter)), maxLossPercent: 15, holdLimit: .seconds(86_400 * 7), groupBy: 24,
      listsFirstOnly: !seed.isMultiple(of: 2))
    inventory = JobInventory(policy: policy)
    loss = [0, 0.02, 0.05, 0.1].randomElement(using: &random) ?? 0
    save()
  }

  static func endpoint(_ host: Int) -> Endpoint {
    Endpoint(address: .v4(UInt32(0x0A00_0000 + host % prefixes * 256 + host / prefixes + 1)), port: 9100)
  }

  private func prefix(_ host: Int) -> Int { host % Self.prefixes }

  private var moment: Moment {
    Moment(instant: at(now - boot), wall: WallTime(milliseconds: Int64(1_800_000_000 + now + wallOffset) * 1_000))
  }

  // MARK: One step

  /// Something may happen to the world, then a scan ends, and is stored and published.
  mutating func advance() throws {
    step += 1
    now += Self.interval + Int.random(in: 0...5, using: &random)
    changeTheWorld()
    let (report, silent) = scan()
    let listedBefore = file
    let events = inventory.absorb(report, now: moment.instant)
    machines.note(report, events, at: step)
    machines.noteMistakes(in: inventory)
    note(events)
    if report.isComplete {
      processScans += 1
      account(for: silent)
    }
    // Killed before it has stored, between the two files, and after both: what was not written is lost.
    let death = Int.random(in: 0..<60, using: &random)
    leaving = []
    if death == 0 { return try restart("killed before storing", listedBefore) }
    save()
    leaving = Set(events.compactMap { if case .gone(let target, .silent) = $0 { target.endpoint } else { nil } })
    if death == 1 { return try restart("killed before publishing", listedBefore) }
    publish()
    leaving = []
    try check(listedBefore)
    if death == 2 { try restart("killed after publishing", listedBefore) }
    if death == 3 { try restart("rebooted", listedBefore, reboots: true) }
    operate()
    try check(listedBefore)
  }

  private mutating func happen(_ what: String, _ detail: String = "") {
    occurrences[what, default: 0] += 1
    history.append("step \(step): \(what) \(detail)")
  }

  private mutating func note(_ events: [InventoryEvent]) {
    for event in events {
      switch event {
      case .new(let target): history.append("step \(step): new \(target.endpoint)")
      case .silent(let target, _), .downgraded(let target, _):
        history.append("step \(step): silent \(target.endpoint)")
      case .back(let target, _): happen("back", "\(target.endpoint)")
      case .gone(let target, let departure): happen("gone", "\(target.endpoint) \(departure)")
      case .forgotten(let target, _): happen("forgotten", "\(target.endpoint)")
      case .duplicate(let target, let first): happen("duplicate", "\(target.endpoint) of \(first)")
      case .distinct(let target, let first): happen(first == nil ? "distinct" : "stand-in", "\(target.endpoint)")
      case .shared(let target, let other): happen("shared", "\(target.endpoint) with \(other)")
      case .crowded(let excess): happen("crowded", excess.nodename)
      case .holdBegun(let hold): happen(hold.isTotal ? "unbelieved" : hold.scope == .job ? "hold" : "hold of a prefix")
      case .holdEnded(_, let end): happen("hold ended", "\(end)")
      }
    }
  }

  // MARK: The world

  private mutating func changeTheWorld() {
    if let restart = machines.change(at: step, &random) { happen("restart", restart) }
    if let outage, now >= outage.until {
      self.outage = nil
      happen("outage ends")
    }
    switch Int.random(in: 0..<400, using: &random) {
    case 0..<3 where outage == nil:
      // Some longer than remove_after.
      let prefix = Bool.random(using: &random) ? nil : Int.random(in: 0..<Self.prefixes, using: &random)
      // A hold needs three; a prefix with a handful of machines may lose some to ranges and to death meanwhile.
      guard (0..<Self.prefixes).allSatisfy({ alive(in: $0) >= Self.fewest }) else { break }
      outage = (prefix, now + Int.random(in: 60...20_000, using: &random))
      happen(prefix == nil ? "uplink fails" : "switch fails")
    case 3..<9: die()
    case 9..<20: rise()
    case 20..<24: replace()
    case 24..<28:
      wallOffset += [-86_400, -3_700, -60, 60, 3_700, 86_400, 400 * 86_400].randomElement(using: &random) ?? 0
      happen("clock is set", "\(wallOffset)")
    case 28..<31: changeRanges()
    case 31..<33: killMost()
    default: break
    }
  }

  /// A machine dies; not so many that nobody could tell it from an outage.
  private mutating func die() {
    let mortal = hosts.indices.filter { hosts[$0].isAlive && alive(in: prefix($0)) > Self.fewest }
    guard let host = mortal.randomElement(using: &random) else { return }
    turn(host, alive: false)
    happen("death", "\(Self.endpoint(host))")
  }

  private func alive(in prefix: Int) -> Int {
    hosts.indices.count { hosts[$0].isAlive && self.prefix($0) == prefix }
  }

  private mutating func rise() {
    guard let host = hosts.indices.filter({ !hosts[$0].isAlive }).randomElement(using: &random) else { return }
    turn(host, alive: true)
    happen("birth", "\(Self.endpoint(host))")
  }

  private mutating func turn(_ host: Int, alive: Bool) {
    hosts[host].isAlive = alive
    hosts[host].since = now
    (hosts[host].phantom, hosts[host].forgiven, hosts[host].watched) = (0, 0, 0)
  }

  private mutating func replace() {
    guard let host = hosts.indices.randomElement(using: &random) else { return }
    hosts[SimulatedMachines.machine(of: host)].name += 1_000
    machines.noteChange(of: host, at: step)
    happen("replacement", "\(Self.endpoint(host))")
  }

  /// A decommissioning of many at once, that looks like an outage.
  private mutating func killMost() {
    guard outage == nil, hosts.count(where: \.isAlive) > Self.hostCount * 3 / 4 else { return }
    for host in hosts.indices where hosts[host].isAlive && Int.random(in: 0..<3, using: &random) > 0 {
      turn(host, alive: false)
    }
    happen("decommissioning")
  }

  private mutating func changeRanges() {
    if excluded != nil {
      excluded = nil
      return happen("ranges grow")
    }
    let first = Int.random(in: 0..<Self.hostCount - 4, using: &random)
    excluded = first...first + 3
    guard let endpoints else { return }
    _ = inventory.takeOut(except: endpoints)
    note(inventory.adjust(to: policy))
    save()
    publish()
    happen("ranges shrink")
  }

  /// What is scanned.
  private var endpoints: EndpointSet? {
    let spans = hosts.indices.filter { excluded?.contains($0) != true }.map {
      AddressSpan(first: Self.endpoint($0).address, last: Self.endpoint($0).address)
    }
    return EndpointSet(addresses: AddressSet(spans), ports: [9100])
  }

  private func isCut(_ host: Int) -> Bool {
    outage.map { $0.prefix == nil || $0.prefix == prefix(host) } ?? false
  }

  /// What a scan finds, with three tries for each target, and who was silent in it.
  private mutating func scan() -> (ScanReport, silent: Set<Int>) {
    var seen: [(Endpoint, Sighting)] = []
    var missed: [(Endpoint, String)] = []
    var silent: Set<Int> = []
    for host in hosts.indices where excluded?.contains(host) != true {
      let isKnown = inventory.targets[Self.endpoint(host)] != nil
      let tries = isKnown ? 3 : 1
      let isLost = (0..<tries).allSatisfy { _ in Double.random(in: 0..<1, using: &random) < loss }
      if hosts[host].isAlive, !isCut(host), !isLost {
        let sighting = machines.sighting(of: host, name: { hosts[$0].name }, &random)
        seen.append((Self.endpoint(host), sighting))
        hosts[host].lastAnswer = now
        seenSince[host] = seenSince[host] ?? step
      } else if isKnown {
        missed.append((Self.endpoint(host), "no answer"))
        silent.insert(host)
        seenSince[host] = nil
      }
    }
    let isComplete = Int.random(in: 0..<12, using: &random) > 0
    if isReversed {
      seen.reverse()
      missed.reverse()
    }
    var report = ScanReport(isComplete: isComplete)
    report.seen.reserveCapacity(isReversed ? 1_000 : 0)
    for (endpoint, sighting) in seen { report.seen[endpoint] = sighting }
    for (endpoint, reason) in missed { report.missed[endpoint] = reason }
    return (report, silent)
  }

  // MARK: The daemon around the inventory

  /// As the daemon does: after a change, and while something is silent now and then.
  private mutating func save() {
    let isResting = inventory.silentCount > 0 && now - storedAt >= Self.removeAfter / 8
    let isClockSet = abs(wallOffset - storedWallOffset) > 10
    guard inventory.revision != storedRevision || isResting || isClockSet else { return }
    stored = StoredInventory(jobs: [.init(name: "node", targetFile: "/f.yml", inventory: inventory)]).encoded(
      at: moment)
    (storedRevision, storedAt, storedWallOffset) = (inventory.revision, now, wallOffset)
    storedMachines = machines
  }

  private mutating func publish() {
    let listed = Set(inventory.listed.map(\.endpoint))
    for host in hosts.indices where file.contains(Self.endpoint(host)) && !listed.contains(Self.endpoint(host)) {
      hosts[host].lastUnlisting = now
    }
    file = listed
    inventory.notePublished()
  }

  private mutating func restart(_ why: String, _ listedBefore: Set<Endpoint>, reboots: Bool = false) throws {
    happen(why)
    let down = Int.random(in: 0...(reboots ? 3_000 : 20), using: &random)
    now += down
    if reboots {
      boot = now
      wallOffset += [0, 0, -86_400, 86_400, -1_700_000_000].randomElement(using: &random) ?? 0
    }
    // A clock that was set adds at most what the policy believes, and a crash takes what was not written.
    let believed = Self.removeAfter / 4
    let gap = max(0, min(believed, now - storedAt + wallOffset - storedWallOffset))
    for host in hosts.indices {
      hosts[host].phantom = min(.max / 2, hosts[host].phantom) + max(0, gap - (now - storedAt))
      hosts[host].forgiven += now - storedAt
    }
    guard let old = try StoredInventory(stored, at: moment).jobs.first else {
      throw violation("nothing is restored")
    }
    inventory = old.inventory
    inventory.resume(with: policy, now: moment.instant)
    machines.forget(since: storedMachines)
    let published = file.map { ($0, Sighting(exporter: "node_exporter")) }
    inventory.adopt(Dictionary(uniqueKeysWithValues: published), now: moment.instant)
    processScans = 0
    storedRevision = -1
    save()
    publish()
    if let back = file.intersection(leaving).min() { throw violation("\(back) is back, though it was stored as gone") }
    try check(listedBefore)
  }

  /// An operator who knows what is dead.
  private mutating func operate() {
    let dead = hosts.indices.first { host in
      !hosts[host].isAlive && inventory.targets[Self.endpoint(host)]?.silence != nil
    }
    guard outage == nil, let dead else { return }
    switch Int.random(in: 0..<300, using: &random) {
    case 0..<12 where !inventory.holds.isEmpty && isSilenceTrue:
      happen("release")
      note(inventory.release(.job, by: 0))
      for host in hosts.indices where !hosts[host].isAlive { hosts[host].phantom = .max / 2 }
    case 12..<14:
      if case .forgotten(let events) = inventory.forget(Self.endpoint(dead), by: 0) { note(events) }
      hosts[dead].phantom = .max / 2
    default: return
    }
    save()
    publish()
  }

  /// Whether everything that is silent is dead: an operator who releases is right.
  private var isSilenceTrue: Bool {
    hosts.indices.allSatisfy {
      inventory.targets[Self.endpoint($0)]?.silence == nil || !hosts[$0].isAlive
    }
  }

  // MARK: What must hold

  private mutating func account(for silent: Set<Int>) {
    for host in hosts.indices where !hosts[host].isAlive && silent.contains(host) {
      let target = inventory.targets[Self.endpoint(host)]
      if target.map(inventory.isHeld) != true { hosts[host].watched += Self.interval }
    }
  }

  private func violation(_ what: String) -> Violation {
    let recent = history.suffix(25).joined(separator: "\n  ")
    return Violation(description: "seed \(seed), step \(step): \(what); before:\n  \(recent)")
  }

  private mutating func check(_ listedBefore: Set<Endpoint>) throws {
    let unsettled = machines.unsettled(at: step, inventory) { host in
      hosts[host].isAlive && excluded?.contains(host) != true && step - (seenSince[host] ?? step) > 5
    }
    if policy.listsFirstOnly, let unsettled { throw violation(unsettled) }
    for host in hosts.indices {
      let endpoint = Self.endpoint(host)
      let isListed = file.contains(endpoint)
      let state = hosts[host]
      if isListed {
        guard let answer = state.lastAnswer, answer > (state.lastUnlisting ?? -1) else {
          throw violation("\(endpoint) is invented: it has not answered since it left")
        }
        if !state.isAlive, excluded?.contains(host) != true, processScans >= 3,
          // A hundred seconds a scan in which it was not watched are none it must leave after.
          state.watched - state.forgiven > Self.removeAfter + 5 * Self.interval,
          inventory.targets[endpoint].map(inventory.isHeld) != true
        {
          throw violation("\(endpoint) is dead, watched for \(state.watched) s, and still listed")
        }
      } else if listedBefore.contains(endpoint), excluded?.contains(host) != true,
        machines.excuse(for: host, in: inventory) == nil
      {
        if state.isAlive { throw violation("\(endpoint) is alive, and was unlisted") }
        let down = now - state.since
        if down < Self.removeAfter - state.phantom - Self.interval {
          throw violation("\(endpoint) was unlisted after \(down) s of death and \(state.phantom) s of clocks")
        }
      }
    }
  }
}
