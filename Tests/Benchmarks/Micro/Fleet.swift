import Addressing
import Inventory
import Publishing

/// Targets as a large network has them: 250 in each /24 of 10.0.0.0/8, each with a name of its own.
struct Fleet {
  let endpoints: [Endpoint]
  let all: EndpointSet

  init(_ count: UInt32) {
    endpoints = (0..<count).map { (number: UInt32) -> Endpoint in
      let host = number / 250 * 256 + number % 250 + 1
      return Endpoint(address: .v4(0x0A00_0000 + host), port: 9100)
    }
    all = Fleet.slash8
  }

  /// Each address of 10.0.0.0/8, port 9100.
  static var slash8: EndpointSet {
    let spans = [AddressSpan(first: .v4(0x0A00_0000), last: .v4(0x0AFF_FFFF))]
    guard let all = EndpointSet(addresses: AddressSet(spans), ports: [9100]) else {
      preconditionFailure("a /8 can be counted")
    }
    return all
  }

  /// What a scan finds in which all answer, or all but one in so many.
  func report(silentEvery: Int? = nil) -> ScanReport {
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
}

/// What the target file of an inventory lists.
func groups(of inventory: JobInventory) -> [TargetGroup] {
  let targets = inventory.listed.map { ($0.endpoint, Traits(exporter: $0.sighting.exporter)) }
  return TargetGroup.groups(
    of: Dictionary(uniqueKeysWithValues: targets), job: "node", labels: ["env": "prod"], groupBy: 24)
}
