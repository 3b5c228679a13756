import Addressing
import Configuration
import Support
import Testing

@testable import Daemon

@Suite struct EndpointOwners {
  /// Jobs whose ranges overlap, lie within others, and have gaps and ports of their own.
  @Test func areThoseThatScanIt() throws {
    let states = try jobStates(
      """
      scan_configs:
        - {job_name: a, ranges: [10.0.0.0-10.0.0.99], ports: [9100, 9101], target_file: a.yml}
        - {job_name: b, ranges: [10.0.0.50-10.0.0.60, 10.0.0.70], ports: [9100], target_file: b.yml}
        - {job_name: c, ranges: ["fd00::/120", 10.0.0.55], ports: [9101], target_file: c.yml}
      """)
    var random = SplitMix(seed: 3)
    var endpoints = (0..<300).map { _ in
      let (host, port) = (UInt32.random(in: 0...110, using: &random), UInt16.random(in: 9_099...9_102, using: &random))
      return Endpoint(address: .v4(0x0A00_0000 + host), port: port)
    }
    endpoints += [0, 255, 256].map { Endpoint(address: .v6(0xFD00 << 112 + $0), port: 9_101) }
    let owners = JobsOfEndpoints(endpoints, among: states)
    for endpoint in endpoints {
      #expect(owners[endpoint] == states.indices.filter { states[$0].job.endpoints.contains(endpoint) })
    }
    #expect(JobsOfEndpoints([], among: states)[endpoints[0]] == [])
  }
}
