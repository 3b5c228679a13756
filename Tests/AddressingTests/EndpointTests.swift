import Addressing
import Support
import Testing

struct EndpointTests {
  @Test(arguments: [
    ("10.0.0.1:9100", "10.0.0.1:9100"), ("10.0.0.1:1", "10.0.0.1:1"), ("10.0.0.1:65535", "10.0.0.1:65535"),
    ("[fd00::1]:9100", "[fd00::1]:9100"), ("[FD00:0::1]:9100", "[fd00::1]:9100"), ("[::]:80", "[::]:80"),
  ])
  func parsesAsTargetsAreWritten(text: String, canonical: String) throws {
    let endpoint = try #require(Endpoint(text))
    #expect(endpoint.description == canonical)
    #expect(Endpoint(canonical) == endpoint)
  }

  @Test(arguments: [
    "", ":", ":9100", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:+1",
    "10.0.0.1:9100 ", " 10.0.0.1:9100", "10.0.0.1:9100\n", "10.0.0.1:9100/metrics", "10.0.0.1:http",
    "10.0.0.1:9100:9100", "http://10.0.0.1:9100", "db1:9100", "localhost:9100", "10.0.0:9100", "10.0.0.1:९",
    "fd00::1:9100", "fd00::1", "[fd00::1]", "[fd00::1]:", "[fd00::1]9100", "[fd00::1:9100", "fd00::1]:9100",
    "[10.0.0.1]:9100", "[]:9100", "[:9100", "]:9100", "[[fd00::1]]:9100", "[fe80::1%eth0]:9100",
    "[::1\0x]:9100",
  ])
  func refusesNamesAndHalves(text: String) {
    #expect(Endpoint(text) == nil)
  }

  @Test
  func sortsByAddressThenPort() {
    let sorted = ["9.0.0.1:9999", "10.0.0.1:80", "10.0.0.1:9100", "[::1]:1", "[fd00::1]:1"]
    #expect(sorted.reversed().compactMap { Endpoint($0) }.sorted().map(\.description) == sorted)
  }

  @Test
  func readsWhatItWrites() {
    var random = SplitMix(seed: 9)
    for _ in 0..<2000 {
      let address: Address =
        Bool.random(using: &random)
        ? .v4(UInt32.random(in: 0 ... .max, using: &random))
        : .v6(UInt128.random(in: 0 ... .max, using: &random))
      let endpoint = Endpoint(address: address, port: UInt16.random(in: 1 ... .max, using: &random))
      #expect(Endpoint(endpoint.description) == endpoint)
    }
  }

  /// Dies, without optimisation, where the compiler copies 16 bytes at once from a place aligned to 8.
  @Test
  func survivesBeingCapturedByAClosure() throws {
    func call(_ closure: () -> String?) -> String? { closure() }
    let endpoints = try [1, 2, 3].map { try #require(Endpoint("[fd00::\($0)]:9100")) }
    let names = Dictionary(uniqueKeysWithValues: endpoints.map { ($0, "\($0)") })
    for endpoint in endpoints {
      let name = call { names[endpoint] }
      #expect(name == "\(endpoint)")
    }
  }
}
