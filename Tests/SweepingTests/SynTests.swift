import Addressing
import CLinux
import Files
import Glibc
import Support
import Testing

@testable import Sweeping

private let second: UInt64 = 1_000_000_000

/// A sum of 16-bit words in one's complement, written another way than the one under test.
private func onesComplementSum(_ bytes: [UInt8]) -> UInt16 {
  stride(from: 0, to: bytes.count, by: 2).reduce(UInt16(0)) { sum, index in
    let (word, carry) = sum.addingReportingOverflow(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
    return word + (carry ? 1 : 0)
  }
}

@Suite struct SynSegments {
  @Test func isASynWithAChecksumThatAddsUp() throws {
    let segment = SynSegment(
      destination: try #require(Endpoint("10.1.2.3:9100")), source: Address("192.0.2.1"), sourcePort: 40_000,
      sequence: 0xDEAD_BEEF)
    var records: [UInt8] = []
    segment.append(to: &records)
    #expect(records.count == Int(RAW_SEGMENT_RECORD))
    #expect(records[..<16] == [10, 1, 2, 3, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    let bytes = Array(records[16...])
    #expect(bytes[..<16] == [0x9C, 0x40, 0x23, 0x8C, 0xDE, 0xAD, 0xBE, 0xEF, 0, 0, 0, 0, 0x60, 0x02, 0xFF, 0xFF])
    // With its own checksum in it, all sums up to ones.
    #expect(onesComplementSum([192, 0, 2, 1, 10, 1, 2, 3, 0, 6, 0, 24] + bytes) == 0xFFFF)
  }

  @Test func leavesTheChecksumOfIPv6ToTheKernel() throws {
    var records: [UInt8] = [1]
    SynSegment(
      destination: try #require(Endpoint("[fd00::7]:9100")), source: nil, sourcePort: 40_000, sequence: 1
    ).append(to: &records)
    #expect(records.count == 1 + Int(RAW_SEGMENT_RECORD))
    #expect(records[1] == 0xFD && records[16] == 7)
    #expect(records[33...34] == [0, 0])
  }
}

@Suite struct SynAnswers {
  private static let toUs: UInt16 = 40_000

  /// What `raw_tcp_receive` writes of a segment from 10.1.2.3, or fd00::7, port 9100.
  private func record(flags: UInt8, isIPv6: Bool, port: UInt16 = toUs, headerWords: UInt8 = 5) -> [UInt8] {
    let segment: [UInt8] =
      [0x23, 0x8C, UInt8(port >> 8), UInt8(port & 0xFF), 0, 0, 0, 9, 0x01, 0x02, 0x03, 0x04, 0x50, flags]
      + Array(repeating: 0, count: 6)
    let header: [UInt8] =
      isIPv6 ? [] : [0x40 | headerWords] + Array(repeating: 0, count: max(0, Int(headerWords) * 4 - 1))
    let address: [UInt8] =
      isIPv6 ? [0xFD] + Array(repeating: 0, count: 14) + [7] : [10, 1, 2, 3] + Array(repeating: 0, count: 12)
    let packet = header + segment
    return address + [UInt8(packet.count)] + packet + Array(repeating: 0, count: 80 - packet.count)
  }

  private func answer(_ record: [UInt8], isIPv6: Bool = false) -> SynAnswer? {
    SynAnswer(record: record[...], isIPv6: isIPv6, port: Self.toUs)
  }

  @Test(arguments: [(false, 0x12, true), (false, 0x14, false), (true, 0x12, true), (true, 0x14, false)])
  func isReadWithWhoSentIt(isIPv6: Bool, flags: Int, isOpen: Bool) throws {
    let read = try #require(answer(record(flags: UInt8(flags), isIPv6: isIPv6), isIPv6: isIPv6))
    #expect(read.source == Endpoint(isIPv6 ? "[fd00::7]:9100" : "10.1.2.3:9100"))
    #expect(read.acknowledged == 0x0102_0304)
    #expect(read.isOpen == isOpen)
  }

  @Test func readsBehindOptionsOfTheHeader() {
    #expect(answer(record(flags: 0x12, isIPv6: false, headerWords: 15))?.acknowledged == 0x0102_0304)
  }

  @Test(arguments: [0x02, 0x04, 0x10, 0x16, 0x00, 0xFF] as [UInt8])
  func otherFlagsAreNoAnswer(flags: UInt8) { #expect(answer(record(flags: flags, isIPv6: false)) == nil) }

  @Test func anotherPortIsNotMeant() { #expect(answer(record(flags: 0x12, isIPv6: false, port: 40_001)) == nil) }

  @Test func aHeaderThatIsTooShortIsNone() {
    for words in 0..<5 as Range<UInt8> {
      #expect(answer(record(flags: 0x12, isIPv6: false, headerWords: words)) == nil)
    }
  }

  @Test(arguments: [false, true]) func nothingThatIsCutShortIsRead(isIPv6: Bool) {
    let whole = record(flags: 0x12, isIPv6: isIPv6)
    for length in 0..<whole[16] {
      var cut = whole
      cut[16] = length
      #expect(answer(cut, isIPv6: isIPv6) == nil)
    }
    for length in 0..<17 { #expect(answer(Array(whole[..<length]), isIPv6: isIPv6) == nil) }
  }

  @Test func anyBytesAreSurvived() {
    var random = SplitMix(seed: 9_100)
    for _ in 0..<20_000 {
      let bytes = (0..<Int(RAW_PACKET_RECORD)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = answer(bytes)
      _ = answer(bytes, isIPv6: true)
    }
  }
}

@Suite struct SynRecords {
  private func answer(to endpoint: Endpoint, _ acknowledged: UInt32, isOpen: Bool = true) -> SynAnswer {
    SynAnswer(source: endpoint, acknowledged: acknowledged, isOpen: isOpen)
  }

  @Test func believesOnlyWhoSawTheSynAndEachOnce() throws {
    let endpoints = try EndpointSet.of("10.1.0.0/24", port: 9100)
    var record = SynRecord(endpoints, salt: 7)
    let endpoint = endpoints[5]
    let number = record.sequence(for: endpoint)
    let told = [
      (endpoint, number), (endpoint, number &+ 2), (endpoints[6], number &+ 1), (endpoint, number &+ 1),
      (endpoint, number &+ 1),
    ]
    var believed: [Bool] = []
    for (source, acknowledged) in told { believed.append(record.take(answer(to: source, acknowledged))) }
    #expect(believed == [false, false, false, true, false])
  }

  @Test func whatWasNotAskedDoesNotCount() throws {
    let endpoints = try EndpointSet.of("10.1.0.0/24", port: 9100)
    var record = SynRecord(endpoints, salt: 7)
    for text in ["10.1.1.0:9100", "10.1.0.5:9101"] {
      let stranger = try #require(Endpoint(text))
      let isBelieved = record.take(answer(to: stranger, record.sequence(for: stranger) &+ 1))
      #expect(!isBelieved)
    }
  }

  @Test func millionsTakeNoMemoryBeforeTheyAnswer() throws {
    let endpoints = try EndpointSet.of("10.0.0.0/8", port: 9100)
    var record = SynRecord(endpoints, salt: 7)
    var believed: [Bool] = []
    for index in [0, 1, 32_767, 32_768, endpoints.count - 1, 32_767] {
      let endpoint = endpoints[index]
      believed.append(record.take(answer(to: endpoint, record.sequence(for: endpoint) &+ 1)))
    }
    #expect(believed == [true, true, true, true, true, false])
  }

  @Test func anotherSweepHasOtherNumbers() throws {
    let endpoints = try EndpointSet.of("10.1.0.0/24", port: 9100)
    let (one, other) = (SynRecord(endpoints, salt: 1), SynRecord(endpoints, salt: 2))
    let same = endpoints.shuffled(seed: 1).filter { one.sequence(for: $0) == other.sequence(for: $0) }
    #expect(same.count < 3)
  }

  @Test func countsEachOnceWhetherItAnswersOrNot() throws {
    let endpoints = try EndpointSet.of("10.1.0.0/24", port: 9100)
    var record = SynRecord(endpoints, salt: 7)
    #expect(record.isSettled)
    record.noteSent(100, deadline: second)
    record.noteSent(50, deadline: 2 * second)
    for index in 0..<10 as Range<UInt64> {
      _ = record.take(answer(to: endpoints[index], record.sequence(for: endpoints[index]) &+ 1))
    }
    var expired = [record.expire(at: second - 1)]
    #expect(record.nextDeadline == second)
    expired.append(record.expire(at: second))
    // One that comes late was counted as silent, so that much less is counted next.
    _ = record.take(answer(to: endpoints[20], record.sequence(for: endpoints[20]) &+ 1))
    expired.append(record.expire(at: 2 * second))
    #expect(expired == [0, 90, 49])
    #expect(record.isSettled)
    #expect(record.late == 0)
    _ = record.take(answer(to: endpoints[21], record.sequence(for: endpoints[21]) &+ 1))
    #expect(record.late == 1)
  }

  @Test func whereAllHaveAnsweredNothingIsWaitedFor() throws {
    let endpoints = try EndpointSet.of("10.1.0.0/24", port: 9100)
    var record = SynRecord(endpoints, salt: 7)
    record.noteSent(2, deadline: second)
    record.noteSent(1, deadline: 2 * second)
    var settled: [Bool] = []
    for index in 0..<3 as Range<UInt64> {
      // The second of the first two is late.
      if index == 1 { #expect(record.expire(at: second) == 1) }
      _ = record.take(answer(to: endpoints[index], record.sequence(for: endpoints[index]) &+ 1))
      settled.append(record.isSettled)
    }
    #expect(settled == [false, false, true])
    #expect(record.late == 1)
  }
}

private let mayUseRawSockets: Bool = SynLine.obstacle(isIPv6: false) == nil

@Suite(.enabled(if: mayUseRawSockets, "raw sockets need CAP_NET_RAW")) struct SynSweeps {
  private let limits = SweepLimits(rate: 1_000_000, concurrency: 64)

  @Test func findsWhoeverListensAndWhoeverRefuses() async throws {
    let listener = try Listener("127.79.0.9")
    let endpoints = try EndpointSet.of("127.79.0.0/20", port: listener.endpoint.port)
    let told = await sweep(endpoints, with: try Sweeper(limits), changing: { $0.method = .syn })
    var summary = SweepSummary()
    summary.opened = 1
    summary.refused = 4_095
    #expect(told == [.open(listener.endpoint), .end(summary)])
  }

  @Test func countsWhatItSends() async throws {
    let listener = try Listener("127.79.16.9")
    let endpoints = try EndpointSet.of("127.79.16.0/24", port: listener.endpoint.port)
    let sweeper = try Sweeper(limits)
    _ = await sweep(endpoints, with: sweeper, changing: { $0.method = .syn })
    #expect(sweeper.sent == (connections: 1, syns: 256))
  }

  @Test func whatIsKnownIsConnectedTo() async throws {
    let closed = ClosedPort("127.79.17.1")
    let endpoints = try EndpointSet.of("127.79.17.1-2", port: closed.port)
    let sweeper = try Sweeper(limits)
    let told = await sweep(endpoints, with: sweeper, known: [endpoints[0]], changing: { $0.method = .syn })
    var summary = SweepSummary()
    summary.refused = 2
    #expect(told == [.miss(endpoints[0], .refused), .end(summary)])
    #expect(sweeper.sent == (connections: 3, syns: 1))
  }

  @Test func silenceIsWaitedForAndCounted() async throws {
    let listener = try Listener("127.79.18.1", backlog: 0)
    let endpoints = try EndpointSet.of("127.79.18.1", port: listener.endpoint.port)
    let (_, number) = Socket.connect(to: listener.endpoint, isBroadcast: false)
    let filler = Descriptor(owning: number)
    var poll = pollfd(fd: filler.number, events: Int16(POLLOUT), revents: 0)
    _ = unsafe Glibc.poll(&poll, 1, 5_000)
    let told = await sweep(
      endpoints, with: try Sweeper(limits), connectTimeout: .milliseconds(30), changing: { $0.method = .syn })
    var summary = SweepSummary()
    summary.timedOut = 1
    #expect(told == [.end(summary)])
  }

  @Test func findsWhoeverListensOnIPv6() async throws {
    let listener = try Listener6()
    let endpoints = try EndpointSet.of("::1", port: listener.port)
    let sweeper = try Sweeper(limits)
    let told = await sweep(endpoints, with: sweeper, changing: { $0.method = .syn })
    #expect(told.first == .open(endpoints[0]))
    #expect(sweeper.sent == (connections: 1, syns: 1))
  }

  @Test func nobodyElseGetsItsPort() throws {
    let line = try SynLine(isIPv6: false)
    #expect(line.port > 0)
    let taken = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let other = Descriptor(owning: taken)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = line.port.bigEndian
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(other.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(status == -1 && errno == EADDRINUSE)
  }

  @Test func cancellingCountsWhatWasNotAnsweredAsThat() async throws {
    let listener = try Listener("127.79.19.1", backlog: 0)
    let endpoints = try EndpointSet.of("127.79.19.1", "127.81.0.0/16", port: listener.endpoint.port)
    let (_, number) = Socket.connect(to: listener.endpoint, isBroadcast: false)
    let filler = Descriptor(owning: number)
    var poll = pollfd(fd: filler.number, events: Int16(POLLOUT), revents: 0)
    _ = unsafe Glibc.poll(&poll, 1, 5_000)
    let seed = try #require(
      (0...999_999).first { seed in endpoints.shuffled(seed: seed).first { _ in true } == listener.endpoint })
    let (ends, end) = AsyncStream<SweepSummary>.makeStream()
    let sweeper = try Sweeper(SweepLimits(rate: 20, concurrency: 4))
    var sweep = Sweep(
      endpoints: endpoints, seed: seed, known: [], connectTimeout: .milliseconds(10), onOpen: { _ in },
      onMiss: { _, _ in }, onEnd: { end.yield($0) })
    sweep.method = .syn
    let running = sweeper.start(sweep)
    // The silent one is the first, and the second is answered; each has its time.
    while running.progress < 3 { await Task.yield() }
    running.cancel()
    let summary = try #require(await ends.first { _ in true })
    #expect(summary.timedOut == 1)
    #expect(summary.untried + summary.refused + summary.timedOut == 65_537)
  }

  @Test func cancellingCountsTheRestAsUntried() async throws {
    let endpoints = try EndpointSet.of("127.80.0.0/16", port: 1)
    let (ends, end) = AsyncStream<SweepSummary>.makeStream()
    let sweeper = try Sweeper(SweepLimits(rate: 100, concurrency: 4))
    var sweep = Sweep(
      endpoints: endpoints, seed: 3, known: [], connectTimeout: .seconds(5), onOpen: { _ in }, onMiss: { _, _ in },
      onEnd: { end.yield($0) })
    sweep.method = .syn
    sweeper.start(sweep).cancel()
    let summary = try #require(await ends.first { _ in true })
    #expect(summary.end == .cancelled)
    #expect(summary.untried + summary.refused == 65_536)
  }
}

/// A listening socket on ::1.
private final class Listener6: Sendable {
  let port: UInt16
  private let descriptor: Descriptor

  init() throws {
    descriptor = try Socket.bound(isIPv6: true)
    port = try #require(Socket.port(of: descriptor.number))
    precondition(listen(descriptor.number, 16) == 0, "cannot listen")
  }
}

@Suite struct Stretches {
  private func active(_ range: String, over stretch: Duration?) throws -> ActiveSweep {
    let endpoints = try EndpointSet.of(range, port: 9100)
    var sweep = Sweep(
      endpoints: endpoints, seed: 1, known: [], connectTimeout: .seconds(1), onOpen: { _ in }, onMiss: { _, _ in },
      onEnd: { _ in })
    sweep.stretch = stretch
    let running = RunningSweep(total: endpoints.count) { _ in }
    return ActiveSweep(sweep, handle: running, now: second)
  }

  @Test func triesAreEvenlyFarApart() throws {
    let sweep = try active("10.1.0.1-100", over: .seconds(10))
    var times: [UInt64] = []
    for now in stride(from: second, through: 12 * second, by: 1_000_000) {
      while sweep.next(at: now) != nil { times.append(now) }
    }
    #expect(times == (0..<100).map { second + $0 * second / 10 })
    #expect(!sweep.hasMore)
  }

  @Test func aDelayDoesNotEndInABurst() throws {
    let sweep = try active("10.1.0.1-100", over: .seconds(100))
    let tries = [second, 51 * second, 51 * second].map { sweep.next(at: $0) != nil }
    #expect(tries == [true, true, false])
    #expect(sweep.nextAttempt(neighboursAt: .max) == 52 * second - 100_000_000)
  }

  @Test func withoutOneNothingWaits() throws {
    let sweep = try active("10.1.0.1-100", over: nil)
    var count = 0
    while sweep.next(at: second) != nil { count += 1 }
    #expect(count == 100)
    #expect(sweep.nextAttempt(neighboursAt: .max) == .max)
  }

  @Test func afterTheLastNothingIsWaitedFor() throws {
    let sweep = try active("10.1.0.1", over: .seconds(3_600))
    #expect(sweep.next(at: second) != nil)
    #expect(!sweep.hasMore)
    #expect(sweep.nextAttempt(neighboursAt: .max) == .max)
  }

  @Test func whoWaitsForItsNextTryRests() throws {
    let endpoints = try EndpointSet.of("10.1.0.1-2", port: 9100)
    var sweep = Sweep(
      endpoints: endpoints, seed: 1, known: [], connectTimeout: .seconds(1), onOpen: { _ in }, onMiss: { _, _ in },
      onEnd: { _ in })
    sweep.stretch = .seconds(7_200)
    let running = RunningSweep(total: 2) { _ in }
    let now = SweepLoop.now()
    let active = ActiveSweep(sweep, handle: running, now: now)
    #expect(!running.isResting)
    _ = (active.next(at: now), active.next(at: now))
    #expect(running.isResting)
  }
}

/// The order in which a sweep's attempts come.
@Suite struct Turns {
  private func active(
    _ range: String, known: Set<Endpoint> = [], isBySyn: Bool = false, others: AddressSet = AddressSet()
  ) throws -> ActiveSweep {
    let endpoints = try EndpointSet.of(range, port: 9100)
    var sweep = Sweep(
      endpoints: endpoints, seed: 1, known: known, connectTimeout: .seconds(1), onOpen: { _ in }, onMiss: { _, _ in },
      onEnd: { _ in })
    sweep.method = isBySyn ? .syn : .connect
    let active = ActiveSweep(sweep, handle: RunningSweep(total: endpoints.count) { _ in }, now: second)
    if isBySyn { active.beginSyns(toIPv4: true, toIPv6: false, except: others) }
    return active
  }

  private func answer(_ sweep: ActiveSweep, to endpoint: Endpoint, isOpen: Bool = true) -> Bool {
    let acknowledged = sweep.sequence(for: endpoint) &+ 1
    return sweep.take(SynAnswer(source: endpoint, acknowledged: acknowledged, isOpen: isOpen))
  }

  @Test func whatIsHeldBackKeepsNobodyElseWaiting() throws {
    let sweep = try active("10.1.0.1-9")
    let held = try #require(sweep.next(at: second))
    sweep.backlog.holdBack(held)
    let again = try #require(Endpoint("10.1.0.200:9100"))
    sweep.connectAnew(again, after: 0)
    #expect(sweep.next(at: second)?.endpoint == again)
    #expect(sweep.nextAttempt(neighboursAt: 7 * second) == 7 * second)
    #expect(sweep.next(at: second)?.endpoint == held.endpoint)
  }

  @Test func noneOfThoseThatAreHeldBackIsLost() throws {
    let sweep = try active("10.1.0.1-9")
    var seen: Set<Endpoint> = []
    // One of them had to wait for its endpoint, another for room; then the neighbour table was full.
    let first = try (0..<3).map { _ in try #require(sweep.next(at: second)) }
    sweep.backlog.holdBack(first[0])
    sweep.backlog.putBack(first[1])
    sweep.backlog.beginWaiting()
    sweep.backlog.endWaiting(first[2])
    for _ in 0..<2 { sweep.backlog.holdBack(try #require(sweep.next(at: second))) }
    #expect(sweep.backlog.admitted == [first[2].endpoint])
    while let attempt = sweep.next(at: second) { seen.insert(attempt.endpoint) }
    #expect(seen.count == 9)
    #expect(!sweep.hasMore)
  }

  @Test func aTryAgainIsDueThoughAnotherIsHeldBack() throws {
    let known = try #require(Endpoint("10.1.0.1:9100"))
    let sweep = try active("10.1.0.1-9", known: [known])
    #expect(sweep.tryAgain(known, after: 0, at: second))
    sweep.backlog.holdBack(try #require(sweep.next(at: second)))
    #expect(sweep.nextAttempt(neighboursAt: 7 * second) == 2 * second)
    #expect(sweep.next(at: 2 * second)?.endpoint == known)
  }

  @Test func synsGoOnWhereThereIsNoRoomForConnections() throws {
    let known = try #require(Endpoint("10.1.0.5:9100"))
    let sweep = try active("10.1.0.1-9", known: [known], isBySyn: true)
    var asked: Set<Endpoint> = []
    while let attempt = sweep.next(at: second, isFull: true) {
      #expect(attempt.isBySyn)
      asked.insert(attempt.endpoint)
    }
    #expect(asked.count == 8 && !asked.contains(known))
    #expect(sweep.nextAttempt(neighboursAt: second, isFull: true) == .max)
    // What is known comes when there is room.
    #expect(sweep.next(at: second)?.endpoint == known)
  }

  @Test func whoIsLeftToConnectionsIsConnectedTo() throws {
    let others = AddressSet([AddressSpan(first: .v4(0x0A01_0001), last: .v4(0x0A01_0003))])
    let sweep = try active("10.1.0.1-9", isBySyn: true, others: others)
    var bySyn: [Bool] = []
    while let attempt = sweep.next(at: second) { bySyn.append(attempt.isBySyn) }
    #expect(bySyn.count(where: \.self) == 6 && bySyn.count == 9)
  }

  @Test func whatFoundNoRoomIsSentFirst() throws {
    let sweep = try active("10.1.0.1-9", isBySyn: true)
    let attempt = try #require(sweep.next(at: second))
    sweep.backlog.putBack(attempt)
    #expect(sweep.backlog.hasUnsent && sweep.hasMore)
    #expect(sweep.next(at: second, isFull: true)?.endpoint == attempt.endpoint)
    #expect(!sweep.backlog.hasUnsent)
  }

  @Test func noMoreIsAskedWhereManyWaitForConnections() throws {
    let sweep = try active("10.1.0.0/20", isBySyn: true)
    for index in 0..<UInt64(Backlog.mostReady) { #expect(answer(sweep, to: sweep.sweep.endpoints[index])) }
    #expect(sweep.next(at: second, isFull: true) == nil)
    #expect(sweep.nextAttempt(neighboursAt: second, isFull: true) == .max)
    _ = sweep.next(at: second)
    #expect(sweep.next(at: second, isFull: true) != nil)
  }

  @Test func whoAnsweredASynHasMoreTriesAsLongAsNothingComes() throws {
    let sweep = try active("10.1.0.1-9", isBySyn: true)
    let endpoint = sweep.sweep.endpoints[3]
    #expect(!sweep.tryAgain(endpoint, after: 0, .timedOut, at: second))
    #expect(answer(sweep, to: endpoint))
    #expect(!sweep.tryAgain(endpoint, after: 0, .refused, at: second))
    #expect(sweep.tryAgain(endpoint, after: 0, .timedOut, at: second))
    #expect(!sweep.tryAgain(endpoint, after: 2, .timedOut, at: second))
    sweep.noteOpen(endpoint)
    #expect(!sweep.tryAgain(endpoint, after: 0, .timedOut, at: second))
  }

  @Test func eachIsCountedOnceWhateverComesLate() throws {
    let sweep = try active("10.1.0.1-9", isBySyn: true)
    sweep.noteSyns(9, at: second)
    let endpoints = sweep.sweep.endpoints
    #expect(answer(sweep, to: endpoints[0], isOpen: false))
    sweep.expireSyns(at: 2 * second)
    #expect((sweep.summary.refused, sweep.summary.timedOut) == (1, 8))
    #expect(answer(sweep, to: endpoints[1], isOpen: false))
    sweep.complete()
    #expect((sweep.summary.refused, sweep.summary.timedOut) == (2, 7))
    #expect(sweep.handle.progress == 9)
  }
}
