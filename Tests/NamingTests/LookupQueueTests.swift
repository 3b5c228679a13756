import Addressing
import Testing

@testable import Naming

struct LookupQueueTests {
  private let start = SuspendingClock.now

  private func addresses(_ numbers: Range<UInt32>) -> Set<Address> { Set(numbers.map(Address.v4)) }

  private func add(
    _ addresses: Set<Address>, to queue: inout LookupQueue, at now: SuspendingClock.Instant? = nil
  ) -> (start: Int, finished: LookupQueue.Call?) {
    queue.add(addresses, width: 4, at: now ?? start) { _ in }
  }

  /// Every address in the queue, taken by a worker that then ends.
  private func drain(_ queue: inout LookupQueue) -> [Address] {
    var taken: [Address] = []
    while let address = queue.next() { taken.append(address) }
    return taken
  }

  @Test func answersAnEmptyCallAtOnce() {
    var queue = LookupQueue()
    let (started, finished) = add([], to: &queue)
    #expect(started == 0)
    #expect(finished?.answers == [:])
  }

  @Test(arguments: [(1, 1), (3, 3), (4, 4), (1_000, 4)] as [(UInt32, Int)])
  func startsNoMoreWorkersThanItsWidth(count: UInt32, workers: Int) {
    var queue = LookupQueue()
    #expect(add(addresses(0..<count), to: &queue).start == workers)
    #expect(add(addresses(5_000..<6_000), to: &queue).start == 4 - workers)
    #expect(add(addresses(7_000..<8_000), to: &queue).start == 0)
  }

  @Test func startsWorkersAgainWhenTheyHaveEnded() {
    var queue = LookupQueue()
    #expect(add(addresses(0..<2), to: &queue).start == 2)
    let taken = drain(&queue)
    let other = queue.next()
    #expect(taken.count == 2 && other == nil)
    #expect(add(addresses(2..<9), to: &queue).start == 4)
  }

  @Test func sharesTheLookupsOfConcurrentCalls() {
    var queue = LookupQueue()
    _ = add(addresses(0..<2), to: &queue)
    _ = add(addresses(1..<3), to: &queue)
    let taken = drain(&queue)
    #expect(taken.count == 3)
    #expect(Set(taken) == addresses(0..<3))
    // Under way is neither looked up again.
    #expect(add(addresses(0..<1), to: &queue).start == 0)
    let first = queue.hear(.name("one"), for: .v4(1), at: start)
    #expect(first.isEmpty)
    let second = queue.hear(.name("two"), for: .v4(2), at: start).map(\.answers)
    #expect(second == [[.v4(1): .name("one"), .v4(2): .name("two")]])
    let third = queue.hear(.none, for: .v4(0), at: start).map(\.answers)
    #expect(third == [[.v4(0): .none, .v4(1): .name("one")], [.v4(0): .none]])
  }

  @Test func takesTheLatestCallFirst() {
    var queue = LookupQueue()
    _ = add(addresses(0..<1_000), to: &queue)
    _ = add(addresses(2_000..<2_001), to: &queue)
    let address = queue.next()
    #expect(address == .v4(2_000))
  }

  @Test func asksAgainWhatHasExpired() {
    var queue = LookupQueue()
    _ = add(addresses(0..<2), to: &queue)
    #expect(drain(&queue).count == 2)
    _ = queue.hear(.name("a"), for: .v4(0), at: start)
    _ = queue.hear(.unknown, for: .v4(1), at: start)
    let known = add(addresses(0..<2), to: &queue, at: start.advanced(by: .seconds(299)))
    #expect(known.finished?.answers == [.v4(0): .name("a"), .v4(1): .unknown])
    #expect(add(addresses(0..<2), to: &queue, at: start.advanced(by: .seconds(300))).start == 1)
    #expect(drain(&queue) == [.v4(1)])
  }

  @Test func forgetsWhatIsAskedForNoMore() {
    var queue = LookupQueue()
    _ = add(addresses(0..<9), to: &queue)
    for address in drain(&queue) { _ = queue.hear(.none, for: address, at: start) }
    #expect(queue.cache.count == 9)
    _ = add([], to: &queue, at: start.advanced(by: .seconds(3_600)))
    #expect(queue.cache.count == 0)
  }

  @Test func givesUpTheRestAfterFailuresInARow() {
    var queue = LookupQueue()
    _ = add(addresses(0..<10_000), to: &queue)
    _ = add(addresses(0..<3), to: &queue)
    var finished: [LookupQueue.Call] = []
    var asked: [Address] = []
    while let address = queue.next() {
      asked.append(address)
      finished += queue.hear(.unknown, for: address, at: start)
    }
    #expect(asked.count == LookupQueue.maxFailures)
    #expect(finished.map(\.answers.count).sorted() == [3, 10_000])
    #expect(finished.allSatisfy { $0.answers.values.allSatisfy { $0 == .unknown } })
    // Only what was asked is not asked again.
    #expect(add(Set(asked), to: &queue).finished != nil)
    _ = add(addresses(0..<10_000), to: &queue)
    let address = queue.next()
    #expect(address.map(asked.contains) == false)
  }

  @Test func waitsForWhatIsBeingLookedUpWhenItGivesUp() {
    var queue = LookupQueue()
    _ = add(addresses(0..<100), to: &queue)
    let taken = (0...LookupQueue.maxFailures).compactMap { _ in queue.next() }
    var finished: [LookupQueue.Call] = []
    for address in taken.dropLast() { finished += queue.hear(.unknown, for: address, at: start) }
    #expect(finished.isEmpty)
    for address in taken.suffix(1) { finished += queue.hear(.name("late"), for: address, at: start) }
    #expect(finished.map(\.answers.count) == [100])
    #expect(finished.first?.answers.values.filter { $0 == .name("late") }.count == 1)
  }

  @Test func goesOnWhereFailuresAreNotInARow() {
    var queue = LookupQueue()
    _ = add(addresses(0..<100), to: &queue)
    var finished: [LookupQueue.Call] = []
    var asked = 0
    while let address = queue.next() {
      asked += 1
      finished += queue.hear(asked % LookupQueue.maxFailures == 0 ? .none : .unknown, for: address, at: start)
    }
    #expect(asked == 100)
    #expect(finished.count == 1)
  }
}
