import Addressing
import Files
import Glibc
import Synchronization
import Testing

@testable import Sweeping

private let limits = SweepLimits(rate: 1_000_000, concurrency: 64)
private let long = Duration.seconds(3_600)

extension Sweeper {
  /// Waits for what comes of a knock.
  fileprivate func knock(at endpoint: Endpoint, timeout: Duration = .seconds(20)) async -> KnockResult {
    await withCheckedContinuation { continuation in
      knock(at: endpoint, timeout: timeout) { continuation.resume(returning: $0) }
    }
  }
}

extension KnockResult {
  fileprivate var connection: OpenConnection? { if case .open(let connection) = self { connection } else { nil } }
  fileprivate var failure: ConnectFailure? { if case .failed(let failure) = self { failure } else { nil } }
  fileprivate var localFailure: LocalFailure? { if case .local(let failure) = self { failure } else { nil } }
}

/// An endpoint that answers nothing: its queue is full, and nobody empties it.
private final class SilentPort: Sendable {
  let listener: Listener
  private let filler: Descriptor

  init(_ address: String) throws {
    listener = try Listener(address, backlog: 0)
    let (_, number) = Socket.connect(to: listener.endpoint, isBroadcast: false)
    filler = Descriptor(owning: number)
    var poll = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    #expect(unsafe Glibc.poll(&poll, 1, 5_000) == 1)
  }
}

@Suite(.timeLimit(.minutes(5))) struct Knocks {
  @Test func anOpenPortIsAConnection() async throws {
    let listener = try Listener("127.77.30.1")
    let result = await (try Sweeper(limits)).knock(at: listener.endpoint)
    let connection = try #require(result.connection)
    #expect(connection.endpoint == listener.endpoint)
    let peer = listener.accept()
    connection.settle(.done)
    var byte: UInt8 = 0
    #expect(unsafe recv(peer.number, &byte, 1, 0) == -1)
    #expect(errno == ECONNRESET)
  }

  @Test func aClosedOneRefuses() async throws {
    let closed = ClosedPort("127.77.30.2")
    let endpoint = Endpoint(address: try #require(Address("127.77.30.2")), port: closed.port)
    #expect(await (try Sweeper(limits)).knock(at: endpoint).failure == .refused)
  }

  @Test func aSilentOneIsTriedThreeTimes() async throws {
    let silent = try SilentPort("127.77.30.3")
    let start = ContinuousClock.now
    let sweeper = try Sweeper(limits)
    #expect(await sweeper.knock(at: silent.listener.endpoint, timeout: .milliseconds(30)).failure == .timedOut)
    #expect(ContinuousClock.now - start >= .milliseconds(90))
  }

  /// Each has a time-out of its own, and the longer does not hold up the shorter.
  @Test func eachHasItsOwnTime() async throws {
    let silent = try SilentPort("127.77.30.4")
    let other = try SilentPort("127.77.30.5")
    let sweeper = try Sweeper(limits)
    sweeper.knock(at: silent.listener.endpoint, timeout: long) { _ in }
    #expect(await sweeper.knock(at: other.listener.endpoint, timeout: .milliseconds(5)).failure == .timedOut)
  }

  @Test func whoCannotBeTriedSaysNothingOfTheEndpoint() async throws {
    // An address of the future (class E) has no route.
    let result = await (try Sweeper(limits)).knock(at: Endpoint(address: .v6(1 << 120), port: 9))
    #expect(result.localFailure != nil || result.failure != nil)
    #expect(result.connection == nil)
  }

  @Test func howItIsSettledIsTheSame() async throws {
    let listener = try Listener("127.77.30.6")
    let sweeper = try Sweeper(limits)
    for settlement in [.again, .anew, .untried(LocalFailure(errno: 5)), .done] as [OpenConnection.Settlement] {
      let connection = try #require(await sweeper.knock(at: listener.endpoint).connection)
      connection.settle(settlement)
    }
    // Four in all, none of them made again.
    let connection = try #require(await sweeper.knock(at: listener.endpoint).connection)
    connection.settle(.done)
    for _ in 0..<5 { _ = listener.accept() }
    #expect(fcntl(listener.number, F_SETFL, O_NONBLOCK) == 0)
    #expect(listener.accept().number < 0)
  }

  /// Never two connections to one endpoint.
  @Test func atABusyEndpointItWaits() async throws {
    let listener = try Listener("127.77.31.1")
    let sweeper = try Sweeper(limits)
    let (opens, open) = AsyncStream<OpenConnection>.makeStream()
    let (knocks, knock) = AsyncStream<KnockResult>.makeStream()
    var connections = opens.makeAsyncIterator()
    var results = knocks.makeAsyncIterator()
    let running = sweeper.start(
      Sweep(
        endpoints: try EndpointSet.of("127.77.31.1", port: listener.endpoint.port), seed: 1, known: [],
        connectTimeout: .seconds(5), onOpen: { open.yield($0) }, onMiss: { _, _ in }, onEnd: { _ in }))
    let held = try #require(await connections.next())
    for _ in 0..<2 { sweeper.knock(at: listener.endpoint, timeout: long) { knock.yield($0) } }
    // One elsewhere is through before.
    let other = try Listener("127.77.31.2")
    try #require(await sweeper.knock(at: other.endpoint).connection).settle(.done)
    #expect(running.progress == 0)
    held.settle(.done)
    let first = try #require(await results.next()?.connection)
    try #require(await sweeper.knock(at: other.endpoint).connection).settle(.done)
    first.settle(.done)
    #expect(await results.next()?.connection != nil)
  }

  @Test(arguments: [(1, 1), (2, 2), (1_024, 1_024), (65_536, 1_024)])
  func thereAreAsManyAsMayWaitForThem(concurrency: Int, width: Int) {
    #expect(KnockQueue.width(beside: concurrency) == width)
  }

  @Test func neverMoreThanTheirWidth() async throws {
    let first = try Listener("127.77.32.1")
    let others = try (2...20).map { try Listener("127.77.32.\($0)", port: first.endpoint.port) }
    let sweeper = try Sweeper(SweepLimits(rate: 1_000_000, concurrency: 4))
    let (opens, open) = AsyncStream<OpenConnection>.makeStream()
    let held = Held()
    for listener in [first] + others {
      sweeper.knock(at: listener.endpoint, timeout: .seconds(20)) { result in
        guard let connection = result.connection else { return }
        open.yield(connection)
        // Four are held, then let go together: a fifth must not have come before.
        for connection in held.add(connection, upTo: 4) { connection.settle(.done) }
      }
    }
    var count = 0
    for await _ in opens {
      count += 1
      if count == 20 { break }
    }
    #expect(held.most == 4)
  }

  private final class Held: Sendable {
    private let state = Mutex((connections: [OpenConnection](), most: 0))

    var most: Int { state.withLock { $0.most } }

    func add(_ connection: OpenConnection, upTo limit: Int) -> [OpenConnection] {
      state.withLock { state in
        state.connections.append(connection)
        state.most = max(state.most, state.connections.count)
        guard state.connections.count >= limit else { return [] }
        defer { state.connections = [] }
        return state.connections
      }
    }
  }

  /// All places are held by connections that wait for two knocks each.
  @Test func connectionsThatWaitForKnocksDoNotLockThemOut() async throws {
    let first = try Listener("127.77.33.1")
    let others = try (2...40).map { try Listener("127.77.33.\($0)", port: first.endpoint.port) }
    let sweeper = try Sweeper(SweepLimits(rate: 1_000_000, concurrency: 3))
    let (ends, end) = AsyncStream<SweepSummary>.makeStream()
    let closed = ClosedPort("127.77.33.1")
    let running = sweeper.start(
      Sweep(
        endpoints: try EndpointSet.of("127.77.33.1-40", port: first.endpoint.port), seed: 1, known: [],
        connectTimeout: .seconds(5),
        onOpen: { [weak sweeper] connection in
          let waiting = Countdown(2) { connection.settle(.done) }
          for port in [closed.port, closed.port] {
            let endpoint = Endpoint(address: connection.endpoint.address, port: port)
            sweeper?.knock(at: endpoint, timeout: .seconds(5)) { _ in waiting.count() }
          }
        }, onMiss: { _, _ in }, onEnd: { end.yield($0) }))
    let summary = await ends.first { _ in true }
    #expect(summary?.opened == 40)
    #expect(summary?.end == .complete)
    #expect(running.progress == 40)
    withExtendedLifetime((others, sweeper)) {}
  }

  private final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let body: @Sendable () -> Void

    init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
      left = Mutex(count)
      self.body = body
    }

    func count() {
      let isLast = left.withLock { left in
        left -= 1
        return left == 0
      }
      if isLast { body() }
    }
  }

  /// Those that wait for an answer, and those that wait for their turn.
  @Test func whoQuitsGivesThemUp() async throws {
    let silent = try (1...2).map { try SilentPort("127.77.34.\($0)") }
    let open = try (3...5).map { try Listener("127.77.34.\($0)") }
    let (results, result) = AsyncStream<KnockResult>.makeStream()
    var held: [OpenConnection?] = []
    do {
      let sweeper = try Sweeper(SweepLimits(rate: 1_000_000, concurrency: 4))
      sweeper.knock(at: silent[0].listener.endpoint, timeout: long) { result.yield($0) }
      // When the last of these is heard, the first is under way; then there is no place left.
      for listener in open { held.append(await sweeper.knock(at: listener.endpoint).connection) }
      for endpoint in [open[0].endpoint, silent[1].listener.endpoint] {
        sweeper.knock(at: endpoint, timeout: long) { result.yield($0) }
      }
      withExtendedLifetime(sweeper) {}
    }
    var answers = results.makeAsyncIterator()
    for _ in 0..<3 { #expect(await answers.next()?.localFailure == LocalFailure(errno: ECANCELED)) }
    withExtendedLifetime((silent, held)) {}
  }
}
