import Addressing
import Inventory

/// A moment, in seconds since all clocks of these tests began.
func at(_ seconds: Int) -> ContinuousClock.Instant { origin + .seconds(seconds) }

private let origin = ContinuousClock.now

let node = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-01")

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
  func state(_ host: UInt32) -> Target.State? { targets[endpoint(host)]?.state }
}
