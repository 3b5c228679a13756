internal import Addressing
internal import Synchronization

/// The state of one sweep in the loop: what is still to be tried, what waits for another try, what falls due.
///
/// A class only so that flights can point to it; nothing but the loop touches it.
final class ActiveSweep {
  let sweep: Sweep
  let handle: RunningSweep
  var summary = SweepSummary()
  /// Flights of this sweep, handed-on ones included.
  var inFlight = 0
  private var unseen: ShuffledEndpoints
  private var unseenLeft: UInt64
  private var stretch: Stretch
  var backlog = Backlog()
  private var firstDeadlines = DeadlineQueue<FlightID>()
  private var retryDeadlines = DeadlineQueue<FlightID>()
  /// Where attempts at known endpoints came from.
  private var sources: Set<Address> = []
  /// Of a sweep that sends SYNs.
  private var syns: SynRecord?
  /// Those that have answered a SYN and had no connection yet.
  private var answering: Set<Endpoint> = []
  private let connectTimeout: UInt64
  private let knownTimeout: UInt64
  private let pause: UInt64

  init(_ sweep: Sweep, handle: RunningSweep, now: UInt64) {
    self.sweep = sweep
    self.handle = handle
    unseen = sweep.endpoints.shuffled(seed: sweep.seed)
    unseenLeft = sweep.endpoints.count
    connectTimeout = sweep.connectTimeout.nanoseconds
    pause = sweep.pause.nanoseconds
    knownTimeout = max(connectTimeout, sweep.knownTimeout.nanoseconds)
    stretch = Stretch(sweep.endpoints.count, over: sweep.stretch, now: now)
  }

  // MARK: What to try

  /// The next attempt that may be made now: what has waited comes first. Where there is no room for connections, it is one
  /// that needs none.
  func next(at now: UInt64, isFull: Bool = false) -> Attempt? {
    guard isFull else { return backlog.next(at: now) ?? nextUnseen(at: now) }
    guard syns != nil else { return nil }
    if let attempt = backlog.nextSyn() { return attempt }
    while backlog.mayGrow, let attempt = nextUnseen(at: now) {
      if attempt.isBySyn { return attempt }
      backlog.putBack(attempt)
    }
    return nil
  }

  private func nextUnseen(at now: UInt64) -> Attempt? {
    guard unseenLeft > 0 else { return nil }
    guard stretch.isDue(at: now) else {
      handle.restsUntil.store(stretch.nextAt, ordering: .relaxed)
      return nil
    }
    while let endpoint = unseen.next() {
      unseenLeft -= 1
      guard sweep.passedOver.isEmpty || !sweep.passedOver.contains(endpoint) else {
        settle(\.passedOver)
        continue
      }
      stretch.take(at: now)
      return Attempt(endpoint: endpoint, earlierTries: 0, isFirst: true, isBySyn: isAskedBySyn(endpoint))
    }
    return nil
  }

  /// Whether an endpoint has a try left; if so, it is queued. Those that are known have, and those that have answered a SYN
  /// where what follows was lost.
  func tryAgain(_ endpoint: Endpoint, after earlierTries: Int, _ failure: ConnectFailure? = nil, at now: UInt64) -> Bool
  {
    guard earlierTries < sweep.knownRetries,
      sweep.known.contains(endpoint) || failure == .timedOut && answering.contains(endpoint)
    else { return false }
    backlog.append(Attempt(endpoint: endpoint, earlierTries: earlierTries + 1), dueAt: now + pause)
    return true
  }

  /// Queues a further connection to an endpoint that had one just now; it is part of the same try.
  func connectAnew(_ endpoint: Endpoint, after earlierTries: Int) {
    backlog.putBack(Attempt(endpoint: endpoint, earlierTries: earlierTries))
  }

  // MARK: SYNs

  /// Whether it would send SYNs if it can.
  var wantsSyns: Bool { sweep.method == .syn && sweep.endpoints.count <= SynRecord.mostEndpoints }

  /// Whether it does.
  var sendsSyns: Bool { syns != nil }

  /// From now on the endpoints of these families are asked by SYN, but for those at the addresses of `others`.
  func beginSyns(toIPv4: Bool, toIPv6: Bool, except others: AddressSet) {
    guard toIPv4 || toIPv6 else { return }
    syns = SynRecord(
      sweep.endpoints, toIPv4: toIPv4, toIPv6: toIPv6, except: others, salt: .random(in: .min ... .max))
  }

  /// What is known is connected to: whether it is silent is to be beyond doubt.
  private func isAskedBySyn(_ endpoint: Endpoint) -> Bool {
    syns?.serves(endpoint) == true && (sweep.known.isEmpty || !sweep.known.contains(endpoint))
  }

  func sequence(for endpoint: Endpoint) -> UInt32 { syns?.sequence(for: endpoint) ?? 0 }

  func noteSyns(_ count: Int, at now: UInt64) { syns?.noteSent(count, deadline: now + connectTimeout) }

  /// Whether an answer is to a SYN of this sweep and new; who accepts is connected to.
  func take(_ answer: SynAnswer) -> Bool {
    guard syns?.take(answer) == true else { return false }
    if answer.isOpen {
      answering.insert(answer.source)
      backlog.putBack(Attempt(endpoint: answer.source, earlierTries: 0))
    } else {
      settle(\.refused)
    }
    return true
  }

  /// A connection to the endpoint came about.
  func noteOpen(_ endpoint: Endpoint) { if !answering.isEmpty { answering.remove(endpoint) } }

  /// Counts those that did not answer a SYN in time.
  func expireSyns(at now: UInt64) {
    guard let unanswered = syns?.expire(at: now), unanswered > 0 else { return }
    summary.timedOut += unanswered
    handle.done.wrappingAdd(unanswered, ordering: .relaxed)
  }

  // MARK: What falls due

  func watch(_ id: FlightID, earlierTries: Int, at now: UInt64) {
    if earlierTries == 0 {
      firstDeadlines.append(id, deadline: now + connectTimeout)
    } else {
      retryDeadlines.append(id, deadline: now + knownTimeout)
    }
  }

  func nextExpired(at now: UInt64) -> FlightID? {
    firstDeadlines.popDue(at: now) ?? retryDeadlines.popDue(at: now)
  }

  /// When the next attempt in flight may expire; never, as the largest number.
  var nextDeadline: UInt64 {
    min(firstDeadlines.earliest ?? .max, retryDeadlines.earliest ?? .max, syns?.nextDeadline ?? .max)
  }

  /// When there is something to try again, or a first try is due, given when the neighbour table has room; never, as the
  /// largest number. Where there is no room for connections, of what needs none.
  func nextAttempt(neighboursAt: UInt64, isFull: Bool = false) -> UInt64 {
    let nextFirst = unseenLeft > 0 ? stretch.nextAt : .max
    guard isFull else { return min(backlog.nextRetry ?? .max, backlog.holdsBack ? neighboursAt : nextFirst) }
    guard syns != nil else { return .max }
    return backlog.holdsBackSyn ? neighboursAt : backlog.mayGrow ? nextFirst : .max
  }

  // MARK: The end

  /// Whether an attempt could be made now or later.
  var hasMore: Bool { unseenLeft > 0 || !backlog.isEmpty }

  var isFinished: Bool { !hasMore && inFlight == 0 && syns?.isSettled != false }

  func settle(_ count: WritableKeyPath<SweepSummary, UInt64>) {
    summary[keyPath: count] += 1
    handle.done.wrappingAdd(1, ordering: .relaxed)
  }

  func fail(_ endpoint: Endpoint, _ failure: ConnectFailure) {
    switch failure {
    case .refused: settle(\.refused)
    case .timedOut: settle(\.timedOut)
    case .unreachable: settle(\.unreachable)
    }
    if !answering.isEmpty { answering.remove(endpoint) }
    if sweep.known.contains(endpoint) { sweep.onMiss(endpoint, failure) }
  }

  /// An attempt is under way: what becomes of a known endpoint depends on the address that the answer goes to.
  func noteSource(of descriptor: Int32, at endpoint: Endpoint) {
    guard sweep.known.contains(endpoint), let source = Socket.source(of: descriptor) else { return }
    sources.insert(source)
  }

  /// Every attempt is settled.
  func complete() {
    // Those that answered after they were counted.
    summary.timedOut -= min(syns?.late ?? 0, summary.timedOut)
    checkSources()
  }

  /// Without an address that attempts came from, one that was not answered says nothing.
  private func checkSources() {
    guard summary.end == .complete, let lost = sources.filter({ !Socket.isOwn($0) }).min() else { return }
    summary.end = .incomplete(.addressLost(lost.description))
  }

  func leaveUntried(_ failure: LocalFailure) {
    settle(\.untried)
    if summary.end == .complete { summary.end = .incomplete(failure) }
  }
}
