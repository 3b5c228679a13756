import Addressing
import Inventory
import Publishing

// What the daemon does after each scan: applies the report, stores the inventory, renders the target file.

/// Processor seconds of each step for a scan that finds `count` targets, and memory, as a line of JSON; the files are
/// written in `directory`.
func measureAfterScan(_ count: UInt32, in directory: String) throws -> String {
  let fleet = Fleet(count)
  guard let file = TargetFile(path: "\(directory)/targets.yml", job: "node", mode: 0o644) else { throw Failure() }

  let store = InventoryFile(path: "\(directory)/inventory")
  var inventory = JobInventory(policy: Policy(removal: .after(.seconds(86_400))))
  var now = SuspendingClock.now
  func moment() -> Moment { Moment(instant: now, wall: WallTime(milliseconds: 1_795_503_112_000)) }
  func publish() throws {
    _ = try file.replace(with: groups(of: inventory), within: fleet.all)
  }
  func save() throws {
    _ = try store.save(
      StoredInventory(jobs: [.init(name: "node", targetFile: file.path, inventory: inventory)]), at: moment())
  }

  var seconds: [(String, Double)] = []
  // The worst, the usual, and one that changes something: all are new, nothing is, and one in a hundred falls silent.
  for (name, silentEvery) in [("new", nil), ("unchanged", nil), ("changed", 100)] as [(String, Int?)] {
    let report = fleet.report(silentEvery: silentEvery)
    now += .seconds(60)
    var watch = Stopwatch()
    _ = inventory.absorb(report, now: now)
    seconds.append(("\(name)_apply", watch.lap()))
    try save()
    seconds.append(("\(name)_store", watch.lap()))
    try publish()
    seconds.append(("\(name)_render", watch.lap()))
  }
  let peak = peakMemory()
  var watch = Stopwatch()
  guard let restored = try store.load(at: moment())?.jobs.first, restored.inventory.targets.count == count else {
    throw Failure()
  }
  seconds.append(("restore", watch.lap()))
  let figures = seconds.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
  return "{\"targets\": \(count), \(figures), \"peak\": \(peak)}"
}
