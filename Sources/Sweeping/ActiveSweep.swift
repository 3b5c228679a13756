internal import Addressing
internal import Synchronization

/// The state of one sweep in the loop: what is still to be tried, what waits for another try, what falls due.
///
/// A class only so that flights can point to it; nothing but the loop touches it.
final class ActiveSweep {
  struct Attempt {
    let endpoint: Endpoint
    let earlierTries: Int
    /// Whether it has waited for the endpoint and was given it: nobody else may have it before.
    var isAdmitted = false
    /// Whether nothing was sent to the endpoint in this sweep before.
    var isFirst = false
    /// Whether a SYN by itself is to find out if anybody answers.
    var isBySyn = false
  }

  let sweep: Sweep
  let handle: RunningSweep
  var summary = SweepSummary()
  /// Flights of this sweep, handed-on ones included.
  var inFlight = 0
  private var unseen: ShuffledEndpoints
  private var unseenLeft: UInt64
  /// First attempts that are held back by the pace of an attached network; while there are any, no further one begins.
  private var heldBack: [Attempt] = []
  private var retries = DeadlineQueue<Attempt>()
  /// Attempts to connect that need not wait for anything but room: at what has answered a SYN, or had a connection.
  private var ready: [Attempt] = []
  /// SYNs that found no room in this machine's queues.
  private var unsent: [Attempt] = []
  /// How many attempts wait in the loop for an endpoint that has a connection.
  private var waiting = 0
  private var firstDeadlines = DeadlineQueue<FlightID>()
  private var retryDeadlines = DeadlineQueue<FlightID>()
  /// Where attempts at known endpoints came from.
  private var sources: Set<Address> = []
  /// Of a sweep that sends SYNs.
  private var syns: SynRecord?
  /// Those that have answered a SYN and had no connection yet.
  private var answering: Set<Endpoint> = []
  /// When the next first try is due, and how long after it the one that follows: zero where they are not stretched.
  private var nextUnseenAt: UInt64
  private let step: UInt64
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
    step = (sweep.stretch?.nanoseconds ?? 0) / max(sweep.endpoints.count, 1)
    nextUnseenAt = now
  }

  // MARK: What to try

  /// The next attempt that may be made now: tries again come first, each after its pause.
  func next(at now: UInt64) -> Attempt? {
    if let attempt = ready.popLast() ?? retries.popDue(at: now) ?? unsent.popLast() { return attempt }
    return heldBack.popLast() ?? nextUnseen(at: now)
  }

  /// The next attempt that needs no connection, where there is no room for one.
  func nextSyn(at now: UInt64) -> Attempt? {
    guard syns != nil else { return nil }
    if let attempt = unsent.popLast() { return attempt }
    if let held = heldBack.last { return held.isBySyn ? heldBack.popLast() : nil }
    while ready.count < Self.mostReady, let attempt = nextUnseen(at: now) {
      if attempt.isBySyn { return attempt }
      ready.append(attempt)
    }
    return nil
  }

  /// Where so many wait for a connection, no more SYNs are sent.
  private static let mostReady = 1_024

  private func nextUnseen(at now: UInt64) -> Attempt? {
    guard unseenLeft > 0, !isStretched(at: now) else { return nil }
    while let endpoint = unseen.next() {
      unseenLeft -= 1
      guard sweep.passedOver.isEmpty || !sweep.passedOver.contains(endpoint) else {
        settle(\.passedOver)
        continue
      }
      noteUnseen(at: now)
      return Attempt(endpoint: endpoint, earlierTries: 0, isFirst: true, isBySyn: isAskedBySyn(endpoint))
    }
    return nil
  }

  private func isStretched(at now: UInt64) -> Bool {
    guard nextUnseenAt > now else { return false }
    handle.restsUntil.store(nextUnseenAt, ordering: .relaxed)
    return true
  }

  /// A delay is made up for if it is short; a long one would end in a burst.
  private func noteUnseen(at now: UInt64) {
    guard step > 0 else { return }
    nextUnseenAt = max(nextUnseenAt, now - min(now, Self.slack)) + step
  }

  private static let slack: UInt64 = 100_000_000

  /// There is no room in the neighbour table for it just now.
  func holdBack(_ attempt: Attempt) { heldBack.append(attempt) }

  /// Whether there are SYNs that found no room.
  var hasUnsent: Bool { !unsent.isEmpty }

  /// Whether there are attempts that need not wait for the neighbour table.
  var hasReady: Bool { !ready.isEmpty }

  /// There was no room on this machine for it just now.
  func putBack(_ attempt: Attempt) {
    if attempt.isBySyn { unsent.append(attempt) } else { ready.append(attempt) }
  }

  /// The loop keeps an attempt until its endpoint has no connection any more.
  func beginWaiting() { waiting += 1 }

  func endWaiting(_ attempt: Attempt) {
    waiting -= 1
    var attempt = attempt
    attempt.isAdmitted = true
    attempt.isBySyn = false
    ready.append(attempt)
  }

  /// Endpoints that are kept for this sweep and have no connection yet.
  var admitted: [Endpoint] {
    (ready + heldBack).filter(\.isAdmitted).map(\.endpoint)
  }

  /// Whether an endpoint has a try left; if so, it is queued. Those that are known have, and those that have answered a SYN
  /// where what follows was lost.
  func tryAgain(_ endpoint: Endpoint, after earlierTries: Int, _ failure: ConnectFailure? = nil, at now: UInt64) -> Bool
  {
    guard earlierTries < sweep.knownRetries,
      sweep.known.contains(endpoint) || failure == .timedOut && answering.contains(endpoint)
    else { return false }
    retries.append(Attempt(endpoint: endpoint, earlierTries: earlierTries + 1), deadline: now + pause)
    return true
  }

  /// Queues a further connection to an endpoint that had one just now; it is part of the same try.
  func connectAnew(_ endpoint: Endpoint, after earlierTries: Int) {
    ready.append(Attempt(endpoint: endpoint, earlierTries: earlierTries))
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
      ready.append(Attempt(endpoint: answer.source, earlierTries: 0))
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

  /// When the next attempt may be made, be it a try again or one that is stretched; never, as the largest number.
  var nextAttempt: UInt64 { min(retries.earliest ?? .max, unseenLeft > 0 ? nextUnseenAt : .max) }

  /// When there is something to try again, given when the neighbour table has room; never, as the largest number.
  func wakeUp(neighboursAt: UInt64) -> UInt64 {
    heldBack.isEmpty ? nextAttempt : min(neighboursAt, retries.earliest ?? .max)
  }

  /// The same where there is no room for connections.
  func wakeUpForSyns(neighboursAt: UInt64) -> UInt64 {
    guard syns != nil, ready.count < Self.mostReady else { return .max }
    if let held = heldBack.last { return held.isBySyn ? neighboursAt : .max }
    return unseenLeft > 0 ? nextUnseenAt : .max
  }

  // MARK: The end

  /// Whether an attempt could be made now or later.
  var hasMore: Bool {
    unseenLeft > 0 || !heldBack.isEmpty || retries.count + ready.count + unsent.count + waiting > 0
  }

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

extension Duration {
  /// Whole nanoseconds, not below zero; a duration beyond 500 years is cut to that.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, 15_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
