import Addressing
import Support
import Testing

@testable import Inventory

private let hour = 3_600
private let day = 86_400
/// Every endpoint that is spoken of here.
private let all = EndpointSet(
  addresses: AddressSet([AddressSpan(Prefix(containing: .v4(0x0A00_0000), length: 24))]), ports: [9100])

@Suite struct RefusalTimes {
  /// An hour, then twice as long after each, up to a day.
  @Test func eachTimeIsTwiceAsLongUpToADay() {
    var refusals = Refusals()
    var now = 0
    for (count, hours) in [1, 2, 4, 8, 16, 24, 24, 24].enumerated() {
      #expect(refusals.note(endpoint(1), .mute, reason: "x", now: at(now)) == (count == 0))
      #expect(refusals.entries[endpoint(1)]?.count == count + 1)
      #expect(refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(now)))
      #expect(refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(now + hours * hour - 1)))
      now += hours * hour
      #expect(!refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(now)))
    }
    #expect(refusals.entries[endpoint(1)]?.since == at(0))
  }

  @Test func aThousandTimesAreADay() {
    var refusals = Refusals()
    for _ in 0..<1_000 { _ = refusals.note(endpoint(1), .printer, reason: "x", now: at(0)) }
    #expect(refusals.entries[endpoint(1)]?.until == at(day))
  }

  @Test func theFirstTimeMayBeLetPass() {
    var refusals = Refusals()
    for hours in [0, 1, 2, 4, 8, 16, 24, 24] {
      _ = refusals.note(endpoint(1), .mute, reason: "x", isLenient: true, now: at(0))
      #expect(refusals.entries[endpoint(1)]?.until == at(hours * hour))
      #expect(refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(0)) == (hours > 0))
    }
  }

  /// What printed yesterday and says nothing today is another thing.
  @Test func anotherKindBeginsAnew() {
    var refusals = Refusals()
    for _ in 0..<5 { _ = refusals.note(endpoint(1), .mute, reason: "x", now: at(0)) }
    #expect(refusals.note(endpoint(1), .printer, reason: "y", now: at(10)) == true)
    let refusal = refusals.entries[endpoint(1)]
    #expect(refusal?.kind == .printer)
    #expect(refusal?.count == 1)
    #expect(refusal?.since == at(10))
    #expect(refusal?.until == at(10 + hour))
    #expect(refusal?.reason == "y")
  }

  @Test func theReasonIsTheLast() {
    var refusals = Refusals()
    #expect(refusals.note(endpoint(1), .mute, reason: "x", now: at(0)) == true)
    #expect(refusals.note(endpoint(1), .mute, reason: "y", now: at(1)) == false)
    #expect(refusals.entries[endpoint(1)]?.reason == "y")
  }
}

@Suite struct RefusalBooks {
  private func book(_ kinds: [(UInt32, Refusals.Refusal.Kind)]) -> Refusals {
    var refusals = Refusals()
    for (host, kind) in kinds { _ = refusals.note(endpoint(host), kind, reason: "x", now: at(0)) }
    return refusals
  }

  @Test func whatIsSomethingElseIsCleared() {
    var refusals = book([(1, .mute), (2, .printer)])
    refusals.clear(endpoint(1))
    #expect(refusals.entries.keys.sorted() == [endpoint(2)])
    #expect(!refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(0)))
  }

  @Test func aChangeIsNewsAndNothingElseIs() throws {
    var refusals = book([(1, .mute)])
    let before = refusals.revision
    refusals.clear(endpoint(2))
    _ = try refusals.barred(of: #require(all), notPrinters: AddressSet(), now: at(0))
    _ = refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(0))
    #expect(refusals.revision == before)
    _ = refusals.note(endpoint(1), .mute, reason: "x", now: at(hour))
    #expect(refusals.revision == before + 1)
    refusals.clear(endpoint(1))
    #expect(refusals.revision == before + 2)
  }

  @Test func whatIsDueIsNotBarred() throws {
    var refusals = book([(1, .mute), (2, .printer)])
    _ = refusals.note(endpoint(3), .mute, reason: "x", now: at(100))
    #expect(
      try refusals.barred(of: #require(all), notPrinters: AddressSet(), now: at(0))
        == Set([1, 2, 3].map { endpoint($0) }))
    #expect(try refusals.barred(of: #require(all), notPrinters: AddressSet(), now: at(hour)) == [endpoint(3)])
    #expect(try refusals.barred(of: #require(all), notPrinters: AddressSet(), now: at(hour + 100)) == [])
    #expect(refusals.entries.count == 3)
  }

  /// `not_printers` says nothing of who only closes connections, and is one job's.
  @Test func whoIsNoPrinterIsAskedAtOnce() throws {
    let refusals = book([(1, .printer), (2, .printer), (3, .mute)])
    let cleared = AddressSet(try ["10.0.0.1", "10.0.0.3"].flatMap { try AddressRange($0).all })
    #expect(try refusals.barred(of: #require(all), notPrinters: cleared, now: at(0)) == [endpoint(2), endpoint(3)])
    #expect(!refusals.bars(endpoint(1), notPrinters: cleared, now: at(0)))
    #expect(refusals.bars(endpoint(3), notPrinters: cleared, now: at(0)))
    // For others it is what it was.
    #expect(refusals.bars(endpoint(1), notPrinters: AddressSet(), now: at(0)))
    #expect(refusals.entries.count == 3)
  }

  /// Somebody asks in another way now.
  @Test func whatIsMuteInAJobThatChangesIsForgotten() throws {
    var refusals = book([(1, .printer), (2, .mute), (3, .mute)])
    let before = refusals.revision
    let changed = try #require(EndpointSet(addresses: AddressSet(try AddressRange("10.0.0.1-2").all), ports: [9100]))
    refusals.clearMute(in: changed)
    #expect(refusals.entries.keys.sorted() == [endpoint(1), endpoint(3)])
    #expect(refusals.revision == before + 1)
  }

  @Test func whatNobodyLooksAtIsForgottenAfterAWeek() {
    var refusals = book([(1, .printer), (2, .mute)])
    refusals.forgetOld(now: at(hour + 7 * day))
    #expect(refusals.entries.count == 2)
    refusals.forgetOld(now: at(hour + 7 * day + 1))
    #expect(refusals.entries.isEmpty)
  }

  /// Of a job with few endpoints those are looked up, of one with many the entries are gone through.
  @Test(arguments: ["10.0.0.2", "10.0.0.2-5", "10.0.0.2-200"])
  func onlyWhatIsAskedForIsBarred(range: String) throws {
    let refusals = book([(1, .printer), (2, .mute), (3, .mute), (4, .mute)])
    let some = try #require(EndpointSet(addresses: AddressSet(try AddressRange(range).all), ports: [9100]))
    let wanted = [2, 3, 4].map(endpoint).filter(some.contains)
    #expect(refusals.barred(of: some, notPrinters: AddressSet(), now: at(0)) == Set(wanted))
  }

  /// A range in which everything accepts and says nothing must not cost memory without end.
  @Test func theirNumberIsBounded() {
    var refusals = Refusals()
    for host in 0..<70_000 as Range<UInt32> {
      _ = refusals.note(Endpoint(address: .v4(host), port: 1), .mute, reason: "", now: at(0))
    }
    #expect(refusals.entries.count == 65_536)
    #expect(refusals.isFull)
    // Those that are known go on, as a new kind as well; others are not left alone.
    let known = Endpoint(address: .v4(7), port: 1)
    let unknown = Endpoint(address: .v4(69_999), port: 1)
    #expect(refusals.note(known, .printer, reason: "", now: at(1)) == true)
    #expect(refusals.note(unknown, .printer, reason: "", now: at(1)) == false)
    #expect(!refusals.bars(unknown, notPrinters: AddressSet(), now: at(1)))
    refusals.clear(known)
    #expect(refusals.note(unknown, .printer, reason: "", now: at(1)) == true)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func nothingIsBarredForLongerThanADay(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var refusals = Refusals()
    var now = 0
    for _ in 0..<2_000 {
      now += Int.random(in: 0...7_200, using: &random)
      let host = UInt32.random(in: 1...20, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: refusals.clear(endpoint(host))
      case 1: _ = try refusals.barred(of: #require(all), notPrinters: AddressSet([]), now: at(now))
      default:
        _ = refusals.note(
          endpoint(host), Bool.random(using: &random) ? .printer : .mute, reason: "x",
          isLenient: .random(using: &random), now: at(now))
      }
      for refusal in refusals.entries.values {
        try #require(refusal.until <= at(now + day))
        try #require(refusal.since <= at(now) && refusal.count >= 1)
      }
    }
  }
}
