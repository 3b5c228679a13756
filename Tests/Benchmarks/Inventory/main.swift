import Addressing
import Glibc
import Inventory
import Publishing

// Applies scan reports of many targets, stores the inventory and renders the target file: what the daemon does after
// each scan. `inventory-benchmark TARGETS DIRECTORY` prints a line of JSON.

/// Processor seconds of this process so far.
func processorSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The most memory it has had, in bytes.
func peakMemory() -> Int {
  var usage = rusage()
  unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1_024
}

struct Stopwatch {
  private var begin = processorSeconds()

  /// Processor seconds since the last lap.
  mutating func lap() -> Double {
    let now = processorSeconds()
    defer { begin = now }
    return now - begin
  }
}

struct Failure: Error {}

func run() throws {
  guard CommandLine.arguments.count == 3, let count = UInt32(CommandLine.arguments[1]) else { throw Failure() }
  let directory = CommandLine.arguments[2]
  // 250 in each /24 of 10.0.0.0/8.
  let endpoints = (0..<count).map { (number: UInt32) -> Endpoint in
    let host = number / 250 * 256 + number % 250 + 1
    return Endpoint(address: .v4(0x0A00_0000 + host), port: 9100)
  }
  let spans = [AddressSpan(first: .v4(0x0A00_0000), last: .v4(0x0AFF_FFFF))]
  guard let all = EndpointSet(addresses: AddressSet(spans), ports: [9100]),
    let file = TargetFile(path: "\(directory)/targets.yml", job: "node", mode: 0o644)
  else { throw Failure() }

  func report(silentEvery: Int?) -> ScanReport {
    var report = ScanReport(isComplete: true)
    for (number, endpoint) in endpoints.enumerated() {
      if let silentEvery, number % silentEvery == 0 {
        report.missed[endpoint] = "no answer to the connection attempt"
      } else {
        report.seen[endpoint] = Sighting(
          exporter: "node_exporter", version: "1.8.2", nodename: "host-\(number).example.org",
          startTime: 1_795_503_112.67 + Double(number))
      }
    }
    return report
  }

  let store = InventoryFile(path: "\(directory)/inventory")
  var inventory = JobInventory(policy: Policy(removal: .after(.seconds(86_400))))
  var now = SuspendingClock.now
  func moment() -> Moment { Moment(instant: now, wall: WallTime(milliseconds: 1_795_503_112_000)) }
  func publish() throws {
    let targets = inventory.listed.map { ($0.endpoint, Traits(exporter: $0.sighting.exporter)) }
    let groups = TargetGroup.groups(
      of: Dictionary(uniqueKeysWithValues: targets), job: "node", labels: ["env": "prod"], groupBy: 24)
    _ = try file.replace(with: groups, within: all)
  }
  func save() throws {
    _ = try store.save(
      StoredInventory(jobs: [.init(name: "node", targetFile: file.path, inventory: inventory)]), at: moment())
  }

  var seconds: [(String, Double)] = []
  // The worst, the usual, and one that changes something: all are new, nothing is, and one in a hundred falls silent.
  for (name, silentEvery) in [("new", nil), ("unchanged", nil), ("changed", 100)] as [(String, Int?)] {
    let report = report(silentEvery: silentEvery)
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
  print("{\"targets\": \(count), \(figures), \"peak\": \(peak)}")
}

try run()
