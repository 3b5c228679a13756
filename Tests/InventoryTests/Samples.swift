import Addressing
import Inventory

/// A moment, in seconds since all clocks of these tests began.
func at(_ seconds: Int) -> SuspendingClock.Instant { origin + .seconds(seconds) }

private let origin = SuspendingClock.now

let node = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-01")

/// A target as it was found `at` a moment.
func target(_ host: UInt32, _ sighting: Sighting = node, _ state: Target.State = .up, at seconds: Int = 0) -> Target {
  Target(endpoint: endpoint(host), sighting: sighting, state: state, firstSeen: at(seconds))
}

/// A silence of which all time counts, as it is once it was told.
func silence(since: Int, missedScans: Int, counted: Int = 0, reason: String = "no answer") -> Silence {
  var silence = Silence(since: at(since), reason: reason)
  silence.missedScans = missedScans
  silence.counted = .seconds(counted)
  silence.isAnnounced = true
  return silence
}

/// Endpoints of 10.0.0.0/24.
func endpoint(_ host: UInt32) -> Endpoint { Endpoint(address: .v4(0x0A00_0000 + host), port: 9100) }

extension ScanReport {
  static func seeing(_ hosts: UInt32..., as sighting: Sighting = node) -> ScanReport {
    ScanReport(seen: Dictionary(uniqueKeysWithValues: hosts.map { (endpoint($0), sighting) }), isComplete: true)
  }

  static func missing(_ hosts: UInt32...) -> ScanReport {
    ScanReport(missed: Dictionary(uniqueKeysWithValues: hosts.map { (endpoint($0), "no answer") }), isComplete: true)
  }

  static func busy(_ hosts: UInt32...) -> ScanReport {
    ScanReport(busy: Set(hosts.map(endpoint)), isComplete: true)
  }

  var incomplete: ScanReport {
    var report = self
    report.isComplete = false
    return report
  }
}

extension JobInventory {
  init(removal: Removal) { self.init(policy: Policy(removal: removal)) }

  func state(_ host: UInt32) -> Target.State? { targets[endpoint(host)]?.state }

  func silence(_ host: UInt32) -> Silence? { targets[endpoint(host)]?.silence }
}
