import Addressing
import Files
import Glibc
import Support
import Testing

@testable import Sweeping

private let second: UInt64 = 1_000_000_000

@Suite struct TokenBuckets {
  @Test func startsEmptyAndFillsAtItsRate() {
    var bucket = TokenBucket(rate: 100, burst: 10, now: second)
    #expect(bucket.available(at: second) == 0)
    #expect(bucket.available(at: second + 10_000_000) == 1)
    #expect(bucket.nextAt == second + 50_000_000)
    #expect(TokenBucket(rate: 100, burst: 1, now: second).nextAt == second + 10_000_000)
  }

  @Test func savesNoMoreThanItsBurst() {
    var bucket = TokenBucket(rate: 100, burst: 10, now: 0)
    #expect(bucket.available(at: 3_600 * second) == 10)
  }

  @Test(arguments: [1, 7, 1_000, 1_000_000])
  func neverPassesItsRateInAnyWindow(rate: Int) {
    var random = SplitMix(seed: UInt64(rate))
    var bucket = TokenBucket(rate: Double(rate), burst: max(1, rate / 100), now: 0)
    var (now, taken) = (UInt64(0), 0)
    for _ in 0..<2_000 {
      now += random.next() % (second / 100)
      while bucket.available(at: now) > 0, random.next() % 8 != 0 {
        bucket.take()
        taken += 1
      }
    }
    #expect(Double(taken) <= Double(rate) * Double(now) / 1e9 + 1)
  }
}

@Suite struct Neighbours {
  private func address(_ number: Int) -> Address { .v4(0x0A00_0000 + UInt32(number)) }

  /// When entries were taken for ever new addresses by one who takes what there is, looking once in `step`.
  private func taken(of size: Int, for time: UInt64, step: UInt64) -> [UInt64] {
    var share = NeighbourShare(tableSize: size)
    var taken: [UInt64] = []
    for now in stride(from: second, to: second + time, by: Int(step)) {
      while share.take(address(taken.count), at: now) { taken.append(now) }
    }
    return taken
  }

  @Test(arguments: [2, 128, 1024, 16_384])
  func theTableIsNeverMoreThanHalfOurs(size: Int) throws {
    let taken = taken(of: size, for: 20 * second, step: 1_000_000)
    var first = 0
    for last in taken.indices {
      while taken[last] - taken[first] >= NeighbourTable.hold { first += 1 }
      try #require(last - first < NeighbourTable.share(of: size))
    }
    // Twenty seconds are four times the hold.
    #expect(taken.count == 4 * NeighbourTable.share(of: size))
  }

  @Test func whatFitsIsNotSlowedDown() {
    #expect(taken(of: 1024, for: 1, step: 1).count == 512)
    let times = [(254, 4), (512, 1), (513, 1), (4_094, 1), (513, 2)].map { addresses, ports in
      NeighbourTable.leastTime(addresses: UInt64(addresses), ports: ports, size: 1024)
    }
    #expect(times == [0, 0, 5e9, 35e9, 5e9])
  }

  @Test(arguments: [(520, 20), (600, 20), (1_022, 10), (2_046, 2), (4_094, 3)])
  func severalPortsTakeAsLongAsIsSaid(addresses: Int, ports: Int) {
    var random = SplitMix(seed: 7)
    var share = NeighbourShare(tableSize: 1024)
    var now = second
    for endpoint in (0..<(addresses * ports)).shuffled(using: &random) {
      while !share.take(address(endpoint % addresses), at: now) { now = max(now, share.nextAt) }
      now += 1_000
    }
    let said = NeighbourTable.leastTime(addresses: UInt64(addresses), ports: ports, size: 1024)
    #expect(said <= Double(now - second))
    #expect(said > 0.8 * Double(now - second))
  }

  @Test func aNetworkOfIPv6TakesForEver() {
    let time = NeighbourTable.leastTime(addresses: .max, ports: 3, size: 1024)
    #expect(time.isFinite)
    #expect(time > 1e25)
  }

  /// Of several ports, of several tries, of one scan after another.
  @Test func anAddressHasOneEntryHoweverOftenItIsContacted() {
    var share = NeighbourShare(tableSize: 1024)
    var refused = 0
    for time in 0..<40 as Range<UInt64> {
      for number in 0..<254 where !share.take(address(number), at: second + time * second / 4) { refused += 1 }
    }
    #expect(refused == 0)
  }

  @Test func whatIsContactedAgainIsKeptForAsLong() {
    var share = NeighbourShare(tableSize: 4)
    var taken = [share.take(address(1), at: second), share.take(address(2), at: second)]
    share.touch(address(1), at: 4 * second)
    taken += [share.take(address(3), at: 5 * second), share.take(address(3), at: 6 * second)]
    taken += [share.take(address(4), at: 6 * second), share.take(address(4), at: 9 * second)]
    #expect(taken == [true, true, false, true, false, true])
    #expect(share.nextAt > 9 * second)
  }

  @Test func whatAnotherHasLeftIsNotTakenAgain() {
    var share = NeighbourShare(tableSize: 16, unanswered: 3, now: second)
    var taken: [Bool] = []
    for number in 0..<6 { taken.append(share.take(address(number), at: second)) }
    #expect(taken == [true, true, true, true, true, false])
    #expect(share.nextAt == 6 * second)
    let isFree = share.take(address(6), at: 6 * second)
    #expect(isFree)
  }

  @Test func whatAnotherHasLeftNeverKeepsAPrefixOf24Waiting() {
    var share = NeighbourShare(tableSize: 1024, unanswered: 1_000, now: second)
    var count = 0
    while share.take(address(count), at: second) { count += 1 }
    #expect(count == 256)
  }

  @Test func countsThoseThatHaveNotAnswered() {
    let text = """
      IP address       HW type     Flags       HW address            Mask     Device
      10.97.0.7        0x1         0x2         7e:9b:f2:4a:c1:0c     *        lan
      10.97.0.8        0x1         0x0         00:00:00:00:00:00     *        lan
      10.97.0.9        0x1         0x0         00:00:00:00:00:00     *        lan

      0x0 0x0
      """
    #expect(NeighbourTable.unanswered(in: text) == 2)
  }

  @Test func otherLimitsDoNotEmptyTheTable() {
    var pace = Pace(SweepLimits(rate: 1_000, concurrency: 10), now: second, tableSize: 4, unanswered: 0)
    var taken: [Bool] = []
    for number in [1, 2] { taken.append(pace.takeNeighbour(address(number), isFirst: true, at: second)) }
    pace.adjust(to: SweepLimits(rate: 2_000, concurrency: 10), now: second)
    for time in [2, 6] as [UInt64] {
      taken.append(pace.takeNeighbour(address(3), isFirst: true, at: time * second))
    }
    // Who was spoken to just now need not wait.
    taken.append(pace.takeNeighbour(address(9), isFirst: false, at: 6 * second))
    #expect(taken == [true, true, false, true, true])
  }
}

@Test func deadlinesFallDueInOrder() {
  var queue = DeadlineQueue<Int>()
  var random = SplitMix(seed: 7)
  var (model, popped) = ([Int](), [Int]())
  for number in 0..<1_000 {
    queue.append(number, deadline: UInt64(number))
    model.append(number)
    if random.next() % 3 == 0, let due = queue.popDue(at: UInt64(number / 2)) { popped.append(due) }
  }
  #expect(queue.popDue(at: UInt64(popped.count) - 1) == nil || popped.count == 0)
  while let due = queue.popDue(at: .max) { popped.append(due) }
  #expect(popped == model)
  #expect(queue.earliest == nil)
}

@Suite struct Paces {
  /// A part of the attempts, in eighths, is made at once, the others in batches at the end of a turn; now and then the loop is
  /// held up, wherever it is.
  @Test(arguments: [10, 100, 249, 1_000, 2_000, 50_000, 1_000_000], [0, 4, 8] as [UInt64])
  func noTenMillisecondsSeeMoreThanTwiceTheRate(rate: Int, madeAtOnce: UInt64) throws {
    var random = SplitMix(seed: UInt64(rate))
    var pace = Pace(SweepLimits(rate: rate, concurrency: 10), now: 0, tableSize: 1024, unanswered: 0)
    var taken: [UInt64] = []
    var now: UInt64 = 0
    func holdUp() { if random.next() % 50 == 0 { now += random.next() % 40_000_000 } }
    while now < second {
      now += random.next() % 1_500_000
      let begin = now
      var queued = 0
      while case .now = pace.allowance(inFlight: 0, at: begin) {
        holdUp()
        pace.spend()
        if random.next() % 8 < madeAtOnce { taken.append(now) } else { queued += 1 }
      }
      for part in [queued / 2, queued - queued / 2] {
        holdUp()
        taken += Array(repeating: now, count: part)
      }
      pace.endTurn(at: now)
    }
    let most = max(1, 2 * rate / 100)
    var first = 0
    for last in taken.indices {
      while taken[last] - taken[first] >= 10_000_000 { first += 1 }
      try #require(last - first < most)
    }
  }

  /// By a loop that wakes when it wanted to, rounded up to whole milliseconds and a little more.
  @Test(arguments: [1, 10, 110, 124, 200, 240, 250, 999, 2_000, 20_000])
  func theRateIsReached(rate: Int) {
    var pace = Pace(SweepLimits(rate: rate, concurrency: 10), now: 0, tableSize: 1024, unanswered: 0)
    var (now, made) = (UInt64(0), 0)
    while now < 100 * second {
      switch pace.allowance(inFlight: 0, at: now) {
      case .now:
        pace.spend()
        made += 1
      case .at(let time):
        pace.endTurn(at: now)
        now += (time - now + 999_999) / 1_000_000 * 1_000_000 + 60_000
      case .whenOneLands: return _ = Issue.record("another allowance")
      }
    }
    #expect(Double(made) >= 0.99 * Double(rate) * Double(now) / 1e9 - 1)
  }

  @Test func aFullQueueIsNoShortageOfConnections() {
    var pace = Pace(SweepLimits(rate: 1_000_000, concurrency: 100), now: 0, tableSize: 1024, unanswered: 0)
    pace.congest(at: second)
    guard case .at(let time) = pace.allowance(inFlight: 0, at: second) else { return _ = Issue.record("no pause") }
    #expect(time == second + 1_000_000)
    guard case .now = pace.allowance(inFlight: 99, at: time) else { return _ = Issue.record("fewer connections") }
    #expect(!pace.isStarved(at: 7 * second))
  }

  @Test func goesOnWithWhatFitsAfterAShortage() {
    var pace = Pace(SweepLimits(rate: 1_000_000, concurrency: 100), now: 0)
    #expect(pace.starve(inFlight: 40, at: second) == .waiting)
    guard case .whenOneLands = pace.allowance(inFlight: 40, at: 2 * second) else {
      return _ = Issue.record("another allowance")
    }
    guard case .now = pace.allowance(inFlight: 39, at: 2 * second) else { return _ = Issue.record("another allowance") }
  }

  @Test func widensAgainWhileNothingIsShort() {
    var pace = Pace(SweepLimits(rate: 1_000_000, concurrency: 100), now: 0)
    _ = pace.starve(inFlight: 30, at: second)
    for step in 2...5 { pace.succeed(at: UInt64(step) * 2 * second) }
    guard case .now = pace.allowance(inFlight: 99, at: 20 * second) else {
      return _ = Issue.record("another allowance")
    }
  }

  @Test func givesUpOnlyWithNothingInFlightForFiveSeconds() {
    var pace = Pace(SweepLimits(rate: 1_000, concurrency: 100), now: 0)
    #expect(pace.starve(inFlight: 0, at: second) == .waiting)
    #expect(pace.starve(inFlight: 0, at: 4 * second) == .waiting)
    #expect(pace.starve(inFlight: 3, at: 7 * second) == .waiting)
    #expect(pace.starve(inFlight: 0, at: 7 * second) == .hopeless)
  }

  @Test func aShortageOfHoursAgoIsAnother() {
    var pace = Pace(SweepLimits(rate: 1_000, concurrency: 100), now: 0)
    _ = pace.starve(inFlight: 0, at: second)
    #expect(pace.starve(inFlight: 0, at: 3_600 * second) == .waiting)
    #expect(!pace.isStarved(at: 3_600 * second))
  }

  @Test func aSuccessForgetsTheShortage() {
    var pace = Pace(SweepLimits(rate: 1_000, concurrency: 100), now: 0)
    _ = pace.starve(inFlight: 0, at: second)
    pace.succeed(at: 2 * second)
    #expect(pace.starve(inFlight: 0, at: 7 * second) == .waiting)
  }
}

@Suite struct Jams {
  @Test func aFullBufferIsBorneForATenthOfASecond() {
    var jam = SynJam()
    jam.noteRefused(at: second)
    jam.noteRefused(at: second + 100_000_000)
    #expect(!jam.isOn(at: second + 100_000_000))
    jam.noteRefused(at: second + 100_000_001)
    #expect(jam.isOn(at: second + 100_000_001))
    #expect(jam.isOn(at: 4 * second + 100_000_000))
    #expect(!jam.isOn(at: 4 * second + 100_000_001))
    // The next one is another.
    jam.noteRefused(at: 5 * second)
    #expect(!jam.isOn(at: 5 * second))
  }

  @Test func whereSomethingIsSentNothingIsJammed() {
    var jam = SynJam()
    for step in 0..<100 as Range<UInt64> {
      jam.noteRefused(at: second + step * 90_000_000)
      if step % 2 == 1 { jam.noteSent() }
    }
    #expect(!jam.isOn(at: 10 * second))
  }
}

@Suite struct ConnectResults {
  @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN])
  func aShortageSaysNothingOfTheEndpoint(errno: Int32) {
    #expect(ConnectResult(immediate: errno, isBroadcast: false) == .starved(errno: errno))
  }

  @Test(arguments: [ENETDOWN, ENETUNREACH, EACCES, EPERM, EINVAL, EADDRNOTAVAIL])
  func whatThisMachineRefusesIsLocal(errno: Int32) {
    #expect(ConnectResult(immediate: errno, isBroadcast: false) == .local(LocalFailure(errno: errno)))
  }

  @Test func aBroadcastAddressIsNoHostAndNoFailureOfOurs() {
    let result = ConnectResult(immediate: ENETUNREACH, isBroadcast: true)
    #expect(result == .failed(.unreachable(errno: ENETUNREACH)))
  }

  @Test(arguments: [
    (ECONNREFUSED, ConnectFailure.refused), (ETIMEDOUT, .timedOut),
    (EHOSTUNREACH, .unreachable(errno: EHOSTUNREACH)), (ENETUNREACH, .unreachable(errno: ENETUNREACH)),
    (EACCES, .unreachable(errno: EACCES)),
  ])
  func whatTheNetworkSaysIsOfTheEndpoint(errno: Int32, failure: ConnectFailure) {
    #expect(ConnectResult(pending: errno) == .failed(failure))
  }

  @Test func aResetAfterTheHandshakeIsOfAnOpenPort() {
    #expect(ConnectResult(pending: ECONNRESET) == .connected)
  }

  @Test func theReasonsAreSentences() {
    #expect("\(ConnectFailure.refused)" == "connection refused")
    #expect("\(ConnectFailure.timedOut)" == "no answer to the connection attempt")
    #expect("\(ConnectFailure.unreachable(errno: EHOSTUNREACH))" == "unreachable (No route to host)")
    #expect("\(LocalFailure(errno: EMFILE))" == "Too many open files")
    #expect("\(LocalFailure.addressLost("10.0.0.7"))" == "this machine lost its address 10.0.0.7")
  }
}

@Suite struct Attached {
  private let networks = AttachedNetworks(
    routes: """
      Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
      eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
      eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
      wg0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
      *\t0000090A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0
      """,
    routes6: """
      fd000001000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 \
      00000100 00000001 00000000 00000001     eth0
      ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 \
      00000100 00000001 00000000 00000001     eth0
      fd000002000000000000000000000000 40 00000000000000000000000000000000 00 fe800000000000000000000000000001 \
      00000400 00000001 00000000 00000003     eth0
      """,
    hasNeighbours: { $0 != "wg0" })

  @Test(arguments: [
    ("192.168.1.7", true), ("192.168.2.7", false), ("10.8.0.1", false), ("10.9.0.1", false), ("fd00:1::7", true),
    ("fd00:2::7", false), ("ff02::1", false),
  ])
  func onlyNetworksWithNeighboursArePaced(address: String, isAttached: Bool) throws {
    #expect(networks.contains(try #require(Address(address))) == isAttached)
  }

  @Test func knowsWhichBlocksAreDivided() {
    let networks = AttachedNetworks(
      routes: """
        eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
        eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
        tun0\t0702080A\t0101A8C0\t0007\t0\t0\t0\tFFFFFFFF\t0\t0\t0
        """, routes6: "", hasNeighbours: { _ in true })
    #expect(networks.split == [0x0A0802])
  }

  /// As /proc/net/route shows `blackhole 10.0.0.0/8`.
  @Test func whatLeadsNowhereIsNoNetwork() throws {
    let networks = AttachedNetworks(
      routes: """
        *\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
        eth0\t0000010A\t0101A8C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0
        """, routes6: "", hasNeighbours: { _ in true })
    #expect(networks.addresses.isEmpty)
  }

  @Test(arguments: [
    ("10.2.0.1", true), ("10.1.0.1", false), ("10.1.2.1", true), ("10.1.2.7", false), ("10.3.0.1", false),
    ("fd00::1:0:0:1", true), ("fd00::2:0:0:1", false), ("fd00::3:0:0:1", false),
  ])
  func theLongestPrefixDecides(address: String, isAttached: Bool) throws {
    let networks = AttachedNetworks(
      routes: """
        eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
        eth0\t0000010A\t0101A8C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0
        eth1\t0002010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
        *\t0702010A\t00000000\t0201\t0\t0\t0\tFFFFFFFF\t0\t0\t0
        wg0\t0000030A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
        """,
      routes6: """
        fd000000000000000000000000000000 20 00000000000000000000000000000000 00 00000000000000000000000000000000 \
        00000100 00000001 00000000 00000001     eth0
        fd000000000000000002000000000000 50 00000000000000000000000000000000 00 fe800000000000000000000000000001 \
        00000400 00000001 00000000 00000003     eth0
        fd000000000000000003000000000000 50 00000000000000000000000000000000 00 00000000000000000000000000000000 \
        00000400 00000002 00000000 00200200       lo
        """, hasNeighbours: { $0 != "wg0" })
    #expect(networks.contains(try #require(Address(address))) == isAttached)
  }

  @Test func knowsTheBroadcastAddress() throws {
    #expect(networks.isBroadcast(try #require(Address("192.168.1.255"))))
    #expect(!networks.isBroadcast(try #require(Address("192.168.1.254"))))
  }

  @Test func survivesAnythingInTheFile() {
    let odd = AttachedNetworks(routes: "a b c\n\n\u{0}", routes6: "zz 80", hasNeighbours: { _ in true })
    #expect(!odd.contains(.v4(1)))
  }
}

@Suite struct Sources {
  @Test(arguments: [("127.0.0.1", true), ("127.77.0.9", true), ("192.0.2.1", false), ("2001:db8::1", false)])
  func whatThisMachineHasIsItsOwn(address: String, isOwn: Bool) throws {
    #expect(Socket.isOwn(try #require(Address(address))) == isOwn)
  }

  @Test func aConnectionComesFromAnAddress() throws {
    let listener = try Listener("127.77.0.9")
    let (_, number) = Socket.connect(to: listener.endpoint, isBroadcast: false)
    let descriptor = Descriptor(owning: number)
    #expect(Socket.source(of: descriptor.number) == .v4(0x7F00_0001))
    #expect(Socket.source(of: -1) == nil)
  }
}
