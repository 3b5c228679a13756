internal import Addressing

/// Which lookups are to be made, and who waits for them: each address at most once, for all who ask.
struct LookupQueue {
  typealias Instant = SuspendingClock.Instant

  /// How many failures in a row give up the rest: a dead resolver takes glibc ten seconds or more for each.
  static let maxFailures = 8

  /// One call of `resolve`.
  struct Call {
    fileprivate var missing: Set<Address>
    fileprivate(set) var answers: [Address: Answer]
    let body: @Sendable ([Address: Answer]) -> Void

    fileprivate mutating func hear(_ answer: Answer, for address: Address) {
      if missing.remove(address) != nil { answers[address] = answer }
    }
  }

  private(set) var cache = NameCache()
  private var calls: [Call] = []
  /// The end is next: a small job does not wait behind a large one.
  private var queue: [Address] = []
  /// In the queue, or being looked up.
  private var underway: Set<Address> = []
  private var workers = 0
  private var failures = 0

  /// Takes in a call. Returns how many workers are to be started, of at most `width`, and the call itself if it is
  /// answered already.
  mutating func add(
    _ addresses: Set<Address>, width: Int, at now: Instant, _ body: @escaping @Sendable ([Address: Answer]) -> Void
  ) -> (start: Int, finished: Call?) {
    cache.prune(at: now)
    var call = Call(missing: [], answers: [:], body: body)
    for address in addresses {
      if let answer = cache.answer(for: address, at: now) {
        call.answers[address] = answer
      } else {
        call.missing.insert(address)
      }
    }
    // In random order: a broken zone is mixed with others, and who was given up has another turn.
    queue += call.missing.subtracting(underway).shuffled()
    underway.formUnion(call.missing)
    guard !call.missing.isEmpty else { return (0, call) }
    calls.append(call)
    let start = max(0, min(width - workers, queue.count))
    workers += start
    return (start, nil)
  }

  /// What a worker looks up next; with nil it ends.
  mutating func next() -> Address? {
    let address = queue.popLast()
    if address == nil { workers -= 1 }
    return address
  }

  /// Takes in an answer; returns the calls that are answered with it.
  mutating func hear(_ answer: Answer, for address: Address, at now: Instant) -> [Call] {
    cache.keep(answer, for: address, at: now)
    settle(answer, for: address)
    failures = answer == .unknown ? failures + 1 : 0
    if failures >= Self.maxFailures { giveUp() }
    let finished = calls.filter { $0.missing.isEmpty }
    calls.removeAll { $0.missing.isEmpty }
    return finished
  }

  /// What is still queued stays unknown, but is not kept as such: the next call asks for it.
  private mutating func giveUp() {
    for address in queue { settle(.unknown, for: address) }
    queue = []
    failures = 0
  }

  private mutating func settle(_ answer: Answer, for address: Address) {
    underway.remove(address)
    for index in calls.indices { calls[index].hear(answer, for: address) }
  }
}
