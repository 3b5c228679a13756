import Addressing
import Files
import Glibc
import Synchronization
import Testing

@testable import Sweeping

private let limits = SweepLimits(rate: 1_000_000, concurrency: 64)

/// Settles connections in this order, and then in the last of these ways.
private final class Settlements: Sendable {
  private let left: Mutex<[OpenConnection.Settlement]>

  init(_ settlements: OpenConnection.Settlement...) { left = Mutex(settlements) }

  func next() -> OpenConnection.Settlement {
    left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
  }
}

private func summary(_ change: (inout SweepSummary) -> Void) -> SweepSummary {
  var summary = SweepSummary()
  change(&summary)
  return summary
}

/// What becomes of an endpoint when whoever had its connection says how it went.
@Suite(.timeLimit(.minutes(5))) struct ConnectionSettlements {
  private let listener: Listener
  private let endpoints: EndpointSet

  init() throws {
    listener = try Listener("127.77.20.1")
    endpoints = try EndpointSet.of("127.77.20.1", port: listener.endpoint.port)
  }

  private var opened: Told { .open(listener.endpoint) }

  /// An hour between tries, so that none is waited for.
  @Test func whoHasMoreToAskConnectsAtOnceAndCountsOnce() async throws {
    let settlements = Settlements(.anew, .anew, .anew, .done)
    let told = await sweep(endpoints, with: try Sweeper(limits)) { _ in
      settlements.next()
    } changing: {
      $0.pause = .seconds(3_600)
    }
    #expect(told == Array(repeating: opened, count: 4) + [.end(summary { $0.opened = 1 })])
  }

  @Test func aConnectionAnewIsOfTheSameTry() async throws {
    // Three tries, the second of which has two connections.
    let settlements = Settlements(.again, .anew, .again, .again)
    let told = await sweep(endpoints, with: try Sweeper(limits), known: [listener.endpoint]) { _ in
      settlements.next()
    }
    #expect(told == Array(repeating: opened, count: 4) + [.end(summary { $0.opened = 1 })])
  }

  @Test func whatCouldNotBeAskedLeavesTheSweepIncomplete() async throws {
    let failure = LocalFailure(errno: 24)
    let told = await sweep(endpoints, with: try Sweeper(limits), known: [listener.endpoint]) { _ in .untried(failure) }
    #expect(
      told == [
        opened,
        .end(
          summary {
            $0.untried = 1
            $0.end = .incomplete(failure)
          }),
      ])
  }

  @Test func whatIsPostponedIsAskedAgainAsLongAsATryIsLeft() async throws {
    let settlements = Settlements(.postponed(.overloaded), .postponed(.overloaded), .done)
    let told = await sweep(endpoints, with: try Sweeper(limits), known: [listener.endpoint]) { _ in settlements.next() }
    #expect(told == Array(repeating: opened, count: 3) + [.end(summary { $0.opened = 1 })])
  }

  @Test(arguments: [(true, 3), (false, 1)])
  func whatIsPostponedToTheEndLeavesTheSweepIncomplete(isKnown: Bool, tries: Int) async throws {
    let known = isKnown ? Set([listener.endpoint]) : []
    let told = await sweep(endpoints, with: try Sweeper(limits), known: known) { _ in .postponed(.overloaded) }
    let end = summary {
      $0.untried = 1
      $0.end = .incomplete(.overloaded)
    }
    #expect(told == Array(repeating: opened, count: tries) + [.end(end)])
  }

  @Test func theFirstReasonStandsForAll() async throws {
    let second = try Listener("127.77.20.2", port: listener.endpoint.port)
    let both = try EndpointSet.of("127.77.20.1-2", port: listener.endpoint.port)
    let settlements = Settlements(.untried(.noAccess("first")), .untried(.noAccess("second")))
    let told = await sweep(both, with: try Sweeper(limits)) { _ in settlements.next() }
    withExtendedLifetime(second) {}
    #expect(
      told.last
        == .end(
          summary {
            $0.untried = 2
            $0.end = .incomplete(.noAccess("first"))
          }))
  }

  /// What was there a moment ago refuses the next connection.
  @Test func whoRefusesTheNextConnectionCountsAsThat() async throws {
    let closing = Mutex<Listener?>(try Listener("127.77.20.3"))
    let endpoint = try #require(closing.withLock { $0?.endpoint })
    let box = Box(closing)
    let told = await sweep(
      try EndpointSet.of("127.77.20.3", port: endpoint.port), with: try Sweeper(limits)
    ) { _ in
      box.value.withLock { $0 = nil }
      return .anew
    }
    #expect(told == [.open(endpoint), .end(summary { $0.refused = 1 })])
  }

  private final class Box: Sendable {
    let value: Mutex<Listener?>
    init(_ value: consuming Mutex<Listener?>) { self.value = value }
  }

  /// Others wait for the endpoint, and have it before the first asks on.
  @Test func whoWaitsForTheEndpointComesFirst() async throws {
    let sweeper = try Sweeper(limits)
    let (opens, open) = AsyncStream<(number: Int, connection: OpenConnection)>.makeStream()
    let (ends, end) = AsyncStream<SweepSummary>.makeStream()
    for number in 0..<2 {
      _ = sweeper.start(
        Sweep(
          endpoints: endpoints, seed: 1, known: [], connectTimeout: .seconds(5),
          onOpen: { open.yield((number, $0)) }, onMiss: { _, _ in }, onEnd: { end.yield($0) }))
    }
    var connections = opens.makeAsyncIterator()
    let first = try #require(await connections.next())
    // Elsewhere a sweep begins and ends: the second waits by then.
    let other = try Listener("127.77.20.4")
    _ = await sweep(try EndpointSet.of("127.77.20.4", port: other.endpoint.port), with: sweeper)
    first.connection.settle(.anew)
    let second = try #require(await connections.next())
    #expect(second.number != first.number)
    second.connection.settle(.anew)
    let third = try #require(await connections.next())
    #expect(third.number == first.number)
    third.connection.settle(.done)
    let fourth = try #require(await connections.next())
    fourth.connection.settle(.done)
    var summaries = ends.makeAsyncIterator()
    for _ in 0..<2 { #expect(await summaries.next() == summary { $0.opened = 1 }) }
  }

  @Test func whatIsPassedOverIsNotContactedAndCounted() async throws {
    let passed = try Listener("127.77.20.5", port: listener.endpoint.port)
    let all = try EndpointSet.of("127.77.20.0/29", port: listener.endpoint.port)
    // One of them is not of the sweep.
    let told = await sweep(
      all, with: try Sweeper(limits),
      changing: { $0.passedOver = [passed.endpoint, Endpoint(address: .v4(1), port: 1)] })
    #expect(
      told == [
        opened,
        .end(
          summary {
            ($0.opened, $0.refused, $0.passedOver) = (1, 6, 1)
          }),
      ])
    #expect(fcntl(passed.number, F_SETFL, O_NONBLOCK) == 0)
    #expect(passed.accept().number < 0, "somebody has come")
  }
}
