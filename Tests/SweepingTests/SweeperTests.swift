import Addressing
import Files
import Glibc
import Synchronization
import Testing

@testable import Sweeping

/// What a sweep told, in the order it told it.
enum Told: Sendable, Equatable {
  case open(Endpoint)
  case miss(Endpoint, ConnectFailure)
  case end(SweepSummary)
}

/// Runs a sweep to its end; `onOpen` decides what becomes of each open connection.
func sweep(
  _ endpoints: EndpointSet, with sweeper: Sweeper, known: Set<Endpoint> = [],
  connectTimeout: Duration = .seconds(5),
  onOpen: @escaping @Sendable (Endpoint) -> OpenConnection.Settlement = { _ in .done },
  changing change: (inout Sweep) -> Void = { _ in }
) async -> [Told] {
  let (stream, told) = AsyncStream<Told>.makeStream()
  var sweep = Sweep(
    endpoints: endpoints, seed: 1, known: known, connectTimeout: connectTimeout,
    onOpen: { connection in
      told.yield(.open(connection.endpoint))
      connection.settle(onOpen(connection.endpoint))
    },
    onMiss: { told.yield(.miss($0, $1)) },
    onEnd: {
      told.yield(.end($0))
      told.finish()
    })
  sweep.pause = .milliseconds(5)
  sweep.knownTimeout = .milliseconds(20)
  change(&sweep)
  _ = sweeper.start(sweep)
  return await stream.reduce(into: []) { $0.append($1) }
}

private let limits = SweepLimits(rate: 1_000_000, concurrency: 64)

@Test func findsTheOneThatListensAmongThoseThatRefuse() async throws {
  let listener = try Listener("127.77.0.9")
  let endpoints = try EndpointSet.of("127.77.0.0/24", port: listener.endpoint.port)
  let told = await sweep(endpoints, with: try Sweeper(limits))
  var summary = SweepSummary()
  summary.opened = 1
  summary.refused = 255
  #expect(told == [.open(listener.endpoint), .end(summary)])
}

@Test func anEmptySweepEnds() async throws {
  let nothing = try #require(EndpointSet(addresses: AddressSet(), ports: [9100]))
  #expect(await sweep(nothing, with: try Sweeper(limits)) == [.end(SweepSummary())])
}

@Test func silenceTimesOut() async throws {
  let listener = try Listener("127.77.1.1", backlog: 0)
  let endpoints = try EndpointSet.of("127.77.1.1", port: listener.endpoint.port)
  // The first connection fills the queue that nobody empties; every later one goes unanswered.
  let sweeper = try Sweeper(limits)
  let filler = await heldConnection(to: endpoints, with: sweeper)
  let told = await sweep(endpoints, with: sweeper, connectTimeout: .milliseconds(30))
  withExtendedLifetime(filler) {}
  var summary = SweepSummary()
  summary.timedOut = 1
  #expect(told == [.end(summary)])
}

/// Opens one connection outside of any sweep's bookkeeping and keeps it.
private func heldConnection(to endpoints: EndpointSet, with sweeper: Sweeper) async -> Int32 {
  let endpoint = endpoints[0]
  let (_, descriptor) = Socket.connect(to: endpoint, isBroadcast: false)
  var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
  _ = unsafe Glibc.poll(&poll, 1, 5_000)
  return descriptor
}

@Test func aKnownTargetThatRefusesIsTriedTwiceMore() async throws {
  let closed = ClosedPort("127.77.2.1")
  let endpoints = try EndpointSet.of("127.77.2.1", port: closed.port)
  let told = await sweep(endpoints, with: try Sweeper(limits), known: [endpoints[0]])
  var summary = SweepSummary()
  summary.refused = 1
  #expect(told == [.miss(endpoints[0], .refused), .end(summary)])
}

@Test func aKnownTargetGetsThreeConnectionsAndAnUnknownOneGetsOne() async throws {
  let (known, unknown) = try (Listener("127.77.3.1"), Listener("127.77.3.2"))
  let sweeper = try Sweeper(limits)
  for (listener, tries) in [(known, 3), (unknown, 1)] {
    let endpoints = try EndpointSet.of("\(listener.endpoint.address)", port: listener.endpoint.port)
    let told = await sweep(endpoints, with: sweeper, known: [known.endpoint], onOpen: { _ in .again })
    var summary = SweepSummary()
    summary.opened = 1
    #expect(told == Array(repeating: .open(listener.endpoint), count: tries) + [.end(summary)])
  }
}

@Test func neverMoreInFlightThanAllowedWhileAllAreSwept() async throws {
  let port = try Listener("127.77.4.1")
  let others = try (2...40).map { try Listener("127.77.4.\($0)", port: port.endpoint.port) }
  let endpoints = try EndpointSet.of("127.77.4.1-40", port: port.endpoint.port)
  let inFlight = Mutex((now: 0, most: 0, held: [OpenConnection]()))
  let (ends, end) = AsyncStream<SweepSummary>.makeStream()
  let sweeper = try Sweeper(SweepLimits(rate: 1_000_000, concurrency: 4))
  let shared = Shared(inFlight)
  _ = sweeper.start(
    Sweep(
      endpoints: endpoints, seed: 3, known: [], connectTimeout: .seconds(5),
      onOpen: { connection in
        // Four are held, then let go together: a fifth must not have come before.
        let held = shared.value.withLock { state -> [OpenConnection] in
          state.now += 1
          state.most = max(state.most, state.now)
          state.held.append(connection)
          guard state.now == 4 else { return [] }
          state.now = 0
          defer { state.held = [] }
          return state.held
        }
        for connection in held { connection.settle(.done) }
      },
      onMiss: { _, _ in },
      onEnd: { end.yield($0) }))
  let summary = await ends.first { _ in true }
  #expect(summary?.opened == 40)
  #expect(summary?.end == .complete)
  #expect(shared.value.withLock { $0.most } == 4)
  withExtendedLifetime(others) {}
}

private final class Shared<Value: Sendable>: Sendable {
  let value: Mutex<Value>
  init(_ value: consuming Mutex<Value>) { self.value = value }
}

@Test func cancellingEndsAtOnceAndCountsTheRestAsUntried() async throws {
  let endpoints = try EndpointSet.of("127.78.0.0/16", port: 1)
  let (ends, end) = AsyncStream<SweepSummary>.makeStream()
  // A hundred a second: the sweep would take eleven minutes.
  let running = try Sweeper(SweepLimits(rate: 100, concurrency: 4)).startKeepingAlive(
    Sweep(
      endpoints: endpoints, seed: 3, known: [], connectTimeout: .seconds(5), onOpen: { _ in }, onMiss: { _, _ in },
      onEnd: { end.yield($0) }))
  running.0.cancel()
  let summary = try #require(await ends.first { _ in true })
  #expect(summary.end == .cancelled)
  #expect(summary.untried + summary.refused == 65_536)
}

extension Sweeper {
  fileprivate func startKeepingAlive(_ sweep: Sweep) -> (RunningSweep, Sweeper) { (start(sweep), self) }
}

@Test func twoSweepsNeverShareAnEndpointAtOneTime() async throws {
  let listener = try Listener("127.77.5.1")
  let endpoints = try EndpointSet.of("127.77.5.1", port: listener.endpoint.port)
  let sweeper = try Sweeper(limits)
  let (opens, open) = AsyncStream<OpenConnection>.makeStream()
  let (ends, end) = AsyncStream<Void>.makeStream()
  for seed in [1, 2] as [UInt64] {
    var sweep = Sweep(
      endpoints: endpoints, seed: seed, known: [], connectTimeout: .seconds(5),
      onOpen: { connection in
        open.yield(connection)
      },
      onMiss: { _, _ in }, onEnd: { _ in end.yield() })
    sweep.pause = .milliseconds(1)
    _ = sweeper.start(sweep)
  }
  var connections = opens.makeAsyncIterator()
  var finished = ends.makeAsyncIterator()
  let first = try #require(await connections.next())
  // The second sweep has started and waits: a third, started later and elsewhere, ends before it.
  let other = try Listener("127.77.5.2")
  let elsewhere = try EndpointSet.of("127.77.5.2", port: other.endpoint.port)
  _ = await sweep(elsewhere, with: sweeper)
  first.settle(.done)
  await finished.next()
  let second = try #require(await connections.next())
  second.settle(.done)
  await finished.next()
}

/// The other endpoints need not wait for the one that has a connection, nor for its pause.
@Test(.timeLimit(.minutes(5))) func aBusyEndpointHoldsUpNoOther() async throws {
  let busy = try Listener("127.77.9.1")
  let free = try Listener("127.77.9.2", port: busy.endpoint.port)
  let sweeper = try Sweeper(limits)
  let (opens, open) = AsyncStream<OpenConnection>.makeStream()
  var connections = opens.makeAsyncIterator()
  func start(_ endpoints: EndpointSet, seed: UInt64) -> RunningSweep {
    var sweep = Sweep(
      endpoints: endpoints, seed: seed, known: [], connectTimeout: .seconds(3_600), onOpen: { open.yield($0) },
      onMiss: { _, _ in }, onEnd: { _ in })
    sweep.pause = .seconds(3_600)
    return sweeper.start(sweep)
  }
  let first = start(try EndpointSet.of("127.77.9.1", port: busy.endpoint.port), seed: 1)
  let held = try #require(await connections.next())
  let both = try EndpointSet.of("127.77.9.1-2", port: busy.endpoint.port)
  let seed = try #require((0...99).first { seed in both.shuffled(seed: seed).first { _ in true } == busy.endpoint })
  let second = start(both, seed: seed)
  #expect(await connections.next()?.endpoint == free.endpoint)
  withExtendedLifetime((held, first, second)) {}
}

@Test func aDroppedConnectionEndsItsTimeInFlight() async throws {
  let listener = try Listener("127.77.6.1")
  let endpoints = try EndpointSet.of("127.77.6.1", port: listener.endpoint.port)
  let (ends, end) = AsyncStream<SweepSummary>.makeStream()
  let sweeper = try Sweeper(limits)
  _ = sweeper.start(
    Sweep(
      endpoints: endpoints, seed: 3, known: [], connectTimeout: .seconds(5), onOpen: { _ in }, onMiss: { _, _ in },
      onEnd: { end.yield($0) }))
  #expect(await ends.first { _ in true }?.opened == 1)
}

@Test func closesWithAReset() async throws {
  let listener = try Listener("127.77.7.1")
  let endpoints = try EndpointSet.of("127.77.7.1", port: listener.endpoint.port)
  _ = await sweep(endpoints, with: try Sweeper(limits))
  let peer = listener.accept()
  var byte: UInt8 = 0
  #expect(unsafe recv(peer.number, &byte, 1, 0) == -1)
  #expect(errno == ECONNRESET)
}

@Test func tellsAConnectionToItself() throws {
  let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  let socket = Descriptor(owning: number)
  let own = Endpoint(address: try #require(Address("127.77.8.1")), port: Listener.bind(number, "127.77.8.1", 0))
  // A socket that connects to its own address meets itself.
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = own.port.bigEndian
  unsafe inet_pton(AF_INET, "127.77.8.1", &address.sin_addr)
  let status = unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  #expect(status == 0)
  #expect(Socket.isConnectedToItself(socket.number, own))
  #expect(!Socket.isConnectedToItself(socket.number, Endpoint(address: own.address, port: own.port &+ 1)))
}

@Test func whoWaitsForAnEndpointHasItBeforeWhoComesLater() async throws {
  let listener = try Listener("127.77.9.1")
  let endpoints = try EndpointSet.of("127.77.9.1", port: listener.endpoint.port)
  let sweeper = try Sweeper(limits)
  let (opens, open) = AsyncStream<(number: Int, connection: OpenConnection)>.makeStream()
  func start(_ number: Int) {
    _ = sweeper.start(
      Sweep(
        endpoints: endpoints, seed: 1, known: [], connectTimeout: .seconds(5),
        onOpen: { open.yield((number, $0)) }, onMiss: { _, _ in }, onEnd: { _ in }))
  }
  var connections = opens.makeAsyncIterator()
  start(0)
  var current = try #require(await connections.next())
  var order = [current.number]
  start(1)
  // Each comes back at once when it is through, as a job whose scan took its whole interval does.
  for round in 2...9 {
    start(round)
    current.connection.settle(.done)
    current = try #require(await connections.next())
    order.append(current.number)
  }
  current.connection.settle(.done)
  #expect(order == Array(0...8))
}
