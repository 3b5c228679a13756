import Addressing
import Support
import Testing

@testable import Pages

@Suite struct AddressMapTests {
  private static func atlas(_ ranges: [String]) throws -> [String] {
    let spans = AddressSet(try ranges.flatMap { try AddressRange($0).all }).spans
    return [32, 128].flatMap { Atlas(of: spans, family: $0).prefixes.map(\.description) }
  }

  @Test(arguments: [
    ([], []),
    (["10.0.0.7"], ["10.0.0.0/24"]),
    (["10.0.0.250-10.0.1.3"], ["10.0.0.0/24", "10.0.1.0/24"]),
    (["10.0.0.0/16"], ["10.0.0.0/16"]),
    (["10.0.0.0/8"], ["10.0.0.0/8"]),
    (["0.0.0.0/0"], ["0.0.0.0/0"]),
    (["::/0"], ["::/0"]),
    (["fd00:1::/120", "10.0.0.0/24"], ["10.0.0.0/24", "fd00:1::/120"]),
    (["fd00:1::/64"], ["fd00:1::/64"]),
    // Each map is the smallest that shows what is scanned, though one of them needs a large one.
    (["fd00:1::/64", "fd00:2::10-fd00:2::20"], ["fd00:1::/64", "fd00:2::/120"]),
    (["10.0.0.0/12", "192.168.7.3"], ["10.0.0.0/8", "192.168.7.0/24"]),
  ])
  func choosesMaps(ranges: [String], maps: [String]) throws {
    #expect(try Self.atlas(ranges) == maps)
  }

  @Test(arguments: [(1, 24), (16, 24), (17, 16), (255, 16)])
  func showsAddressesOfAtMostSixteenPrefixes(prefixes: Int, length: Int) throws {
    let maps = try Self.atlas(["10.0.1-\(prefixes).1-99"])
    #expect(maps.count == (length == 24 ? prefixes : 1))
    #expect(maps.allSatisfy { $0.hasSuffix("/\(length)") })
  }

  @Test func neverHasMoreThanSixteenMapsOfAFamily() throws {
    let scattered = (0..<200).flatMap { ["\($0).\($0).0.1", "\(String($0 * 300 + 1, radix: 16)):5::1"] }
    let maps = try Self.atlas(scattered)
    #expect(maps == ["0.0.0.0/0", "::/0"])
  }

  /// Who counts 2^128 addresses one by one does not come back.
  @Test(.timeLimit(.minutes(5))) func costsNothingForAddressesThatNobodyAnswersAt() throws {
    for range in ["10.0.0.0/8", "0.0.0.0/0", "fd00::/64", "::/0"] {
      let markup = page(overview(try job(range)))
      #expect(markup.faults == [])
      #expect(markup.bytes < 65_536)
      #expect(markup.with("data-prefix").count == 256)
    }
  }

  @Test func countsWhatIsScannedInACell() throws {
    let job = try job("10.0.1-9.1-99", "10.3.0.0/16")
    let maps = AddressMap.maps(of: [Prefix(text: "10.0.0.0/8")].compactMap(\.self), in: job, spans: job.addresses.spans)
    #expect(maps[0].cells.enumerated().filter { $0.element.scanned > 0 }.map(\.offset) == [0, 3])
    #expect(maps[0].cells[0].scanned == 891)
    #expect(maps[0].cells[3].scanned == 65_536)
    #expect(maps[0].scannedCells == 2)
    #expect(maps[0].rows == 0...0)
  }

  @Test func leadsFromABlockToTheSmallestMapOfWhatIsScannedInIt() throws {
    let job = try job("fd00:1::5-fd00:1::9", "fd00:2::/64")
    let map = AddressMap.maps(
      of: [Prefix(text: "fd00::/16")].compactMap(\.self), in: job, spans: job.addresses.spans)[0]
    #expect(map.nextMap(at: 0) == Prefix(text: "fd00::/24"))
    let next = AddressMap.maps(of: [Prefix(text: "fd00::/24")].compactMap(\.self), in: job, spans: job.addresses.spans)
    #expect(next[0].nextMap(at: 1) == Prefix(text: "fd00:1::/120"))
  }

  @Test(arguments: 1...8)
  func hasEachTargetInOneCellAndLosesNoneOnTheWayDown(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    var job = try job("10.0.\(Int.random(in: 0...9, using: &random))-200.3-250", "fd00::/112", "fd00:7::/120")
    var endpoints: Set<Endpoint> = []
    while endpoints.count < 100 {
      let isIPv6 = Bool.random(using: &random)
      let offset =
        isIPv6
        ? job.addresses.count - 1 - .random(in: 0..<65_000, using: &random) : .random(in: 0..<40_000, using: &random)
      endpoints.insert(Endpoint(address: job.addresses[offset], port: .random(in: 9_100...9_101, using: &random)))
    }
    job.targets = endpoints.map { target("\($0)", .random(using: &random)) }
    let spans = job.addresses.spans
    var seen: [Int: Int] = [:]
    var open = AddressMap.maps(
      of: [32, 128].flatMap { Atlas(of: spans, family: $0).prefixes }, in: job, spans: spans)
    #expect(open.reduce(0) { $0 + $1.counts.targets } == 100)
    #expect(open.reduce(UInt128(0)) { $0 + $1.scanned } == job.addresses.count)
    while let map = open.popLast() {
      for (index, cell) in map.cells.enumerated() where cell.counts.targets > 0 {
        for position in cell.targets {
          seen[position, default: 0] += 1
          #expect(map.block(at: index).contains(job.targets[position].endpoint.address))
        }
        if !map.isFinest {
          let next = AddressMap.maps(of: [map.nextMap(at: index)], in: job, spans: spans)[0]
          try #require(next.prefix.length > map.prefix.length, "\(next.prefix) is no part of \(map.prefix)")
          #expect(next.counts == cell.counts, "\(next.prefix) is not what \(map.block(at: index)) has")
          open.append(next)
        }
      }
    }
    #expect(seen.count == 100)
    #expect(seen.values.allSatisfy { $0 == 1 })
  }
}

extension TargetView.State {
  fileprivate static func random(using random: inout SplitMix) -> Self { allCases.randomElement(using: &random) ?? .up }
}
