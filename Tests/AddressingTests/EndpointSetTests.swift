import Addressing
import Testing

struct EndpointSetTests {
  private func set(_ ranges: [String], ports: [UInt16]) throws -> EndpointSet {
    try #require(
      EndpointSet(addresses: AddressSet(try ranges.flatMap { try AddressRange($0).hosts }), ports: ports))
  }

  @Test
  func isEveryPortOfEveryAddress() throws {
    let endpoints = try set(["10.0.0.1-2", "fd00::1"], ports: [9182, 9100, 9182])
    #expect(endpoints.ports == [9100, 9182])
    #expect(endpoints.count == 6)
    #expect(
      (0..<endpoints.count).map { "\(endpoints[$0])" } == [
        "10.0.0.1:9100", "10.0.0.1:9182", "10.0.0.2:9100", "10.0.0.2:9182", "[fd00::1]:9100",
        "[fd00::1]:9182",
      ])
  }

  @Test(arguments: [
    ("10.0.0.1:9100", true), ("10.0.0.1:9101", false), ("10.0.0.3:9100", false), ("[fd00::1]:9182", true),
    ("[fd00::2]:9182", false),
  ])
  func containsWhatItEnumerates(endpoint: String, isContained: Bool) throws {
    let endpoints = try set(["10.0.0.1-2", "fd00::1"], ports: [9100, 9182])
    #expect(endpoints.contains(try #require(Endpoint(endpoint))) == isContained)
  }

  @Test
  func knowsWhereEachStands() throws {
    let endpoints = try set(["10.0.0.1-9", "10.0.2.0/24", "fd00::1", "fd00::5"], ports: [9100, 9182])
    for index in 0..<endpoints.count { #expect(endpoints.index(of: endpoints[index]) == index) }
    for stranger in ["10.0.0.10:9100", "10.0.0.1:9101", "10.0.1.1:9100", "[fd00::2]:9100", "0.0.0.0:9100"] {
      #expect(endpoints.index(of: try #require(Endpoint(stranger))) == nil)
    }
  }

  @Test(arguments: [(["10.0.0.1"], true, false), (["fd00::1"], false, true), (["10.0.0.1", "fd00::1"], true, true)])
  func knowsItsFamilies(ranges: [String], hasIPv4: Bool, hasIPv6: Bool) throws {
    let endpoints = try set(ranges, ports: [9100])
    #expect(endpoints.has(isIPv6: false) == hasIPv4)
    #expect(endpoints.has(isIPv6: true) == hasIPv6)
  }

  @Test(arguments: [[] as [UInt16], [9100]])
  func mayBeEmpty(ports: [UInt16]) throws {
    let endpoints = try set(ports.isEmpty ? ["10.0.0.1"] : [], ports: ports)
    #expect(endpoints.count == 0)
    #expect(Array(endpoints.shuffled(seed: 1)).isEmpty)
  }

  @Test
  func refusesMoreThanCanBeNumbered() throws {
    func endpoints(_ range: String, _ ports: [UInt16]) throws -> EndpointSet? {
      EndpointSet(addresses: AddressSet(try AddressRange(range).hosts), ports: ports)
    }
    #expect(try endpoints("fd00::/66", [9100])?.count == 1 << 62)
    #expect(try endpoints("fd00::/66", [9100, 9182]) == nil)
    #expect(try endpoints("fd00::/64", [9100]) == nil)
    #expect(try endpoints("::/0", [9100]) == nil)
    #expect(try endpoints("::/0", Array(1...9)) == nil)
  }

  @Test
  func shufflesEachEndpointOnce() throws {
    let endpoints = try set(["10.0.1-9.1-99", "fd00::/121"], ports: [9100, 9182])
    let shuffled = Array(endpoints.shuffled(seed: 3))
    #expect(shuffled.count == (891 + 128) * 2)
    #expect(shuffled.sorted() == (0..<endpoints.count).map { endpoints[$0] })
    #expect(shuffled == Array(endpoints.shuffled(seed: 3)))
    #expect(shuffled != Array(endpoints.shuffled(seed: 4)))
  }

  @Test
  func enumeratesAWholeEightWithoutHoldingIt() throws {
    let endpoints = try set(["10.0.0.0/8"], ports: [9100])
    #expect(endpoints.addresses.spans.count == 1)
    #expect(endpoints.count == 16_777_214)
    #expect("\(endpoints[0])" == "10.0.0.1:9100")
    #expect("\(endpoints[0x01_0203])" == "10.1.2.4:9100")
    #expect("\(endpoints[16_777_213])" == "10.255.255.254:9100")
    var seen: Set<Endpoint> = []
    for endpoint in endpoints.shuffled(seed: 8).prefix(20_000) {
      #expect(endpoints.contains(endpoint))
      seen.insert(endpoint)
    }
    #expect(seen.count == 20_000)
  }
}
