import Addressing
import Support
import Testing

/// The set against one that holds every number by itself, where numbers meet the bounds of their type and
/// where they do not.
struct AddressSetTests {
  private static let size: UInt32 = 40

  private static let windows: [@Sendable (UInt32) -> Address] = [
    { .v4($0) },
    { .v4(0x0A00_0000 + $0) },
    { .v4(.max - size + 1 + $0) },
    { .v6(UInt128($0)) },
    { .v6(.max - UInt128(size) + 1 + UInt128($0)) },
    // From the end of IPv4 into the beginning of IPv6.
    { $0 < size / 2 ? .v4(.max - size / 2 + 1 + $0) : .v6(UInt128($0 - size / 2)) },
  ]

  private static func randomRuns(using random: inout SplitMix) -> [ClosedRange<UInt32>] {
    (0..<Int.random(in: 0...6, using: &random)).map { _ in
      let ends = [
        UInt32.random(in: 0..<size, using: &random), UInt32.random(in: 0..<size, using: &random),
      ].sorted()
      return ends[0]...ends[1]
    }
  }

  private static func set(
    _ runs: [ClosedRange<UInt32>], in window: (UInt32) -> Address
  ) -> (set: AddressSet, model: Set<Address>) {
    let spans = runs.flatMap { run -> [AddressSpan] in
      let (first, last) = (window(run.lowerBound), window(run.upperBound))
      if first.bitWidth == last.bitWidth { return [AddressSpan(first: first, last: last)] }
      return run.map { AddressSpan(first: window($0), last: window($0)) }
    }
    return (AddressSet(spans), Set(runs.joined().map(window)))
  }

  private static func expectEqual(
    _ set: AddressSet, _ model: Set<Address>, in window: (UInt32) -> Address,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let sorted = model.sorted()
    #expect(set.count == UInt128(model.count), sourceLocation: sourceLocation)
    #expect(set.isEmpty == model.isEmpty, sourceLocation: sourceLocation)
    #expect((0..<model.count).map { set[UInt128($0)] } == sorted, sourceLocation: sourceLocation)
    for offset in 0..<size {
      #expect(set.contains(window(offset)) == model.contains(window(offset)), sourceLocation: sourceLocation)
    }
    // Maximal runs: the spans are as many as there are first addresses without a neighbour before them.
    let firsts = (0..<size).filter { offset in
      model.contains(window(offset))
        && (offset == 0 || window(offset).bitWidth != window(offset - 1).bitWidth
          || !model.contains(window(offset - 1)))
    }
    #expect(set.spans.map(\.first) == firsts.map(window), sourceLocation: sourceLocation)
  }

  @Test(arguments: windows.indices, 0..<60)
  func agreesWithASetThatHoldsEveryAddress(window: Int, seed: UInt64) {
    let window = Self.windows[window]
    var random = SplitMix(seed: seed)
    let (left, leftModel) = Self.set(Self.randomRuns(using: &random), in: window)
    let (right, rightModel) = Self.set(Self.randomRuns(using: &random), in: window)
    Self.expectEqual(left, leftModel, in: window)
    Self.expectEqual(left.subtracting(right), leftModel.subtracting(rightModel), in: window)
    Self.expectEqual(AddressSet(left.spans + right.spans), leftModel.union(rightModel), in: window)
    #expect(left.subtracting(left).isEmpty)
    #expect(left.subtracting(AddressSet()) == left)
    #expect(AddressSet(left.spans.reversed()) == left)
  }

  @Test
  func joinsSpansThatTouch() throws {
    let spans = try ["10.0.0.4-10.0.0.9", "10.0.0.0/30", "10.0.0.11"].flatMap { try AddressRange($0).all }
    #expect(AddressSet(spans).spans.map(\.description) == ["10.0.0.0-10.0.0.9", "10.0.0.11"])
  }

  @Test
  func holdsTheWholeOfAFamily() throws {
    let everything = AddressSet(try AddressRange("0.0.0.0/0").all + AddressRange("::/0").all)
    #expect(everything.count == .max)
    #expect(everything[0] == .v4(0))
    #expect(everything[1 << 32] == .v6(0))
    #expect(everything.contains(.v4(.max)) && everything.contains(.v6(.max)))
    #expect(everything.subtracting(everything).isEmpty)

    let ipv4 = AddressSet(try AddressRange("0.0.0.0/0").all)
    #expect(ipv4.count == 1 << 32)
    #expect(ipv4[(1 << 32) - 1] == .v4(.max))
    let ends = AddressSet([.v4(0), .v4(.max)].map { AddressSpan(first: $0, last: $0) })
    #expect(ipv4.subtracting(ends).spans.map(\.description) == ["0.0.0.1-255.255.255.254"])
  }

  @Test
  func halvesOfIPv6AddUpToTheWhole() throws {
    let halves = AddressSet(try AddressRange("8000::/1").all + AddressRange("::/1").all)
    #expect(halves.spans.count == 1)
    #expect(halves == AddressSet(try AddressRange("::/0").all))
    let ends = AddressSet([.v6(0), .v6(.max)].map { AddressSpan(first: $0, last: $0) })
    #expect(
      halves.subtracting(ends).spans.map(\.description) == ["::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"])
  }

  @Test(arguments: [
    ("9.255.255.255", false), ("10.0.0.0", true), ("10.255.255.255", true), ("11.0.0.0", false),
    ("172.15.255.255", false), ("172.16.0.0", true), ("172.31.255.255", true), ("172.32.0.0", false),
    ("192.167.255.255", false), ("192.168.0.0", true), ("192.168.255.255", true), ("192.169.0.0", false),
    ("100.63.255.255", false), ("100.64.0.0", true), ("100.127.255.255", true), ("100.128.0.0", false),
    ("169.254.1.1", true), ("169.255.0.0", false), ("127.0.0.1", true), ("128.0.0.0", false),
    ("8.8.8.8", false),
    ("fbff::", false), ("fc00::", true), ("fd12::1", true), ("fe00::", false), ("fe80::1", true),
    ("febf::1", true), ("fec0::1", false), ("::1", true), ("::2", false), ("2001:db8::1", false),
  ])
  func knowsLocalSpace(address: String, isLocal: Bool) throws {
    #expect(AddressSet.local.contains(try #require(Address(address))) == isLocal)
  }

  @Test(arguments: [
    ("0.0.0.0", true), ("0.255.255.255", true), ("1.0.0.0", false), ("223.255.255.255", false),
    ("224.0.0.1", true), ("239.255.255.255", true), ("240.0.0.1", true), ("255.255.255.255", true),
    ("::", true), ("::1", false), ("::ffff:10.0.0.1", true), ("::fffe:10.0.0.1", false), ("ff02::1", true),
    ("fe80::1", true), ("fd00::1", false), ("10.0.0.1", false), ("127.0.0.1", false),
  ])
  func knowsWhereNoExporterCanBe(address: String, isUnscannable: Bool) throws {
    #expect(AddressSet.unscannable.contains(try #require(Address(address))) == isUnscannable)
  }
}
