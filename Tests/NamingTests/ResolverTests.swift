import Addressing
import Dispatch
import Naming
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ResolverTests {
  /// A resolver's lookups, each of which stops until it is let go.
  private final class Gate: Sendable {
    private let state = Mutex<(inside: Int, peak: Int, asked: [Address])>((0, 0, []))
    private let semaphore = DispatchSemaphore(value: 0)
    private let (entries, entered) = AsyncStream.makeStream(of: Void.self)

    var peak: Int { state.withLock(\.peak) }
    var asked: [Address] { state.withLock(\.asked) }

    func lookup(_ address: Address) -> Answer {
      state.withLock {
        $0.inside += 1
        $0.peak = max($0.peak, $0.inside)
        $0.asked.append(address)
      }
      entered.yield()
      semaphore.wait()
      state.withLock { $0.inside -= 1 }
      return .name("name-\(address)")
    }

    func waitForEntries(_ count: Int) async {
      var left = count
      for await _ in entries {
        left -= 1
        if left == 0 { return }
      }
    }

    func open(_ count: Int) {
      for _ in 0..<count { semaphore.signal() }
    }
  }

  private func addresses(_ numbers: ClosedRange<UInt32>) -> Set<Address> { Set(numbers.map(Address.v4)) }

  private func resolve(_ addresses: Set<Address>, with resolver: Resolver) async -> [Address: Answer] {
    await withCheckedContinuation { continuation in
      resolver.resolve(addresses) { continuation.resume(returning: $0) }
    }
  }

  @Test func hearsOfEveryAddressOnce() async {
    let resolver = Resolver { $0 == .v4(3) ? .none : .name("name-\($0)") }
    let answers = await resolve(addresses(1...100), with: resolver)
    #expect(answers.count == 100)
    #expect(answers[.v4(3)] == Answer.none)
    #expect(answers[.v4(7)] == .name("name-0.0.0.7"))
    #expect(await resolve([], with: resolver) == [:])
  }

  @Test func looksUpNoMoreThanItsWidthAtOnce() async {
    let gate = Gate()
    let resolver = Resolver(width: 3, lookup: gate.lookup)
    async let answers = resolve(addresses(1...12), with: resolver)
    await gate.waitForEntries(3)
    gate.open(12)
    #expect(await answers.count == 12)
    #expect(gate.peak == 3)
  }

  @Test func looksUpAnAddressOnceForAllWhoAsk() async {
    let gate = Gate()
    let resolver = Resolver(lookup: gate.lookup)
    let (heard, hear) = AsyncStream.makeStream(of: [Address: Answer].self)
    resolver.resolve(addresses(1...2)) { hear.yield($0) }
    await gate.waitForEntries(2)
    resolver.resolve(addresses(1...2)) { hear.yield($0) }
    gate.open(2)
    var both: [[Address: Answer]] = []
    for await answers in heard {
      both.append(answers)
      if both.count == 2 { break }
    }
    #expect(both[0] == both[1])
    #expect(both[0].count == 2)
    #expect(gate.asked.count == 2)
    // And remembers it.
    #expect(await resolve(addresses(1...2), with: resolver) == both[0])
    #expect(gate.asked.count == 2)
  }

  @Test func asksAgainAfterAnHour() async {
    let clock = Mutex(SuspendingClock.now)
    let asked = Mutex(0)
    let resolver = Resolver(now: { clock.withLock { $0 } }) { _ in
      asked.withLock { $0 += 1 }
      return .none
    }
    for (seconds, count) in [(0, 1), (3_599, 1), (1, 2)] {
      clock.withLock { $0 = $0.advanced(by: .seconds(seconds)) }
      #expect(await resolve([.v4(1)], with: resolver) == [.v4(1): .none])
      #expect(asked.withLock { $0 } == count)
    }
  }

  @Test func doesNotAskADeadResolverForEver() async {
    let asked = Mutex(0)
    let resolver = Resolver { _ in
      asked.withLock { $0 += 1 }
      return .unknown
    }
    let answers = await resolve(addresses(1...50_000), with: resolver)
    #expect(answers.count == 50_000)
    #expect(answers.values.allSatisfy { $0 == .unknown })
    // Eight, and what the other workers had in hand.
    #expect(asked.withLock { $0 } < 8 + 4)
  }

  @Test func canBeAskedByTheOneThatHears() async {
    let resolver = Resolver { .name("name-\($0)") }
    let answers = await withCheckedContinuation { continuation in
      resolver.resolve([.v4(1)]) { _ in
        resolver.resolve([.v4(1), .v4(2)]) { continuation.resume(returning: $0) }
      }
    }
    #expect(answers.count == 2)
  }

  /// The answers are the machine's own affair.
  @Test(arguments: ["127.0.0.1", "::1"])
  func asksTheSystem(text: String) async throws {
    let address = try #require(Address(text))
    let answers = await resolve([address], with: Resolver())
    #expect(Array(answers.keys) == [address])
  }
}
