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
    /// Whether the endpoint had a connection just now, so that the neighbour table has its address.
    var isNeighbour = false
  }

  let sweep: Sweep
  let handle: RunningSweep
  var summary = SweepSummary()
  /// Flights of this sweep, handed-on ones included.
  var inFlight = 0
  private var unseen: ShuffledEndpoints
  /// Taken from `unseen`, but held back by the pace of an attached network.
  private var heldBack: Attempt?
  private var retries = DeadlineQueue<Attempt>()
  /// Waited for an endpoint that had a connection, and need not wait any more.
  private var ready: [Attempt] = []
  /// How many attempts wait in the loop for an endpoint that has a connection.
  private var waiting = 0
  private var firstDeadlines = DeadlineQueue<FlightID>()
  private var retryDeadlines = DeadlineQueue<FlightID>()
  /// Where attempts at known endpoints came from.
  private var sources: Set<Address> = []
  private var isExhausted = false
  private let connectTimeout: UInt64
  private let knownTimeout: UInt64
  private let pause: UInt64

  init(_ sweep: Sweep, handle: RunningSweep) {
    self.sweep = sweep
    self.handle = handle
    unseen = sweep.endpoints.shuffled(seed: sweep.seed)
    connectTimeout = sweep.connectTimeout.nanoseconds
    pause = sweep.pause.nanoseconds
    knownTimeout = max(connectTimeout, sweep.knownTimeout.nanoseconds)
  }

  // MARK: What to try

  /// The next attempt that may be made now: tries again come first, each after its pause.
  func next(at now: UInt64) -> Attempt? {
    if let held = heldBack {
      heldBack = nil
      return held
    }
    if let attempt = ready.popLast() ?? retries.popDue(at: now) { return attempt }
    while !isExhausted, let endpoint = unseen.next() {
      guard sweep.passedOver.isEmpty || !sweep.passedOver.contains(endpoint) else {
        settle(\.passedOver)
        continue
      }
      return Attempt(endpoint: endpoint, earlierTries: 0)
    }
    isExhausted = true
    return nil
  }

  func holdBack(_ attempt: Attempt) { heldBack = attempt }

  /// The loop keeps an attempt until its endpoint has no connection any more.
  func beginWaiting() { waiting += 1 }

  func endWaiting(_ attempt: Attempt) {
    waiting -= 1
    var attempt = attempt
    attempt.isAdmitted = true
    ready.append(attempt)
  }

  /// Endpoints that are kept for this sweep and have no connection yet.
  var admitted: [Endpoint] {
    (ready + [heldBack].compactMap(\.self)).filter(\.isAdmitted).map(\.endpoint)
  }

  /// Whether a known endpoint has a try left; if so, it is queued.
  func tryAgain(_ endpoint: Endpoint, after earlierTries: Int, at now: UInt64) -> Bool {
    guard earlierTries < sweep.knownRetries, sweep.known.contains(endpoint) else { return false }
    retries.append(Attempt(endpoint: endpoint, earlierTries: earlierTries + 1), deadline: now + pause)
    return true
  }

  /// Queues a further connection to an endpoint that had one just now; it is part of the same try.
  func connectAnew(_ endpoint: Endpoint, after earlierTries: Int) {
    ready.append(Attempt(endpoint: endpoint, earlierTries: earlierTries, isNeighbour: true))
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

  /// When the next attempt in flight may expire.
  var nextDeadline: UInt64? {
    [firstDeadlines.earliest, retryDeadlines.earliest].compactMap(\.self).min()
  }

  /// When the next try again may be made.
  var nextRetry: UInt64? { retries.earliest }

  // MARK: The end

  /// Whether the pace of an attached network keeps it waiting.
  var isHeldBack: Bool { heldBack != nil }

  /// Whether an attempt could be made now or later.
  var hasMore: Bool { !isExhausted || heldBack != nil || retries.count + ready.count + waiting > 0 }

  var isFinished: Bool { !hasMore && inFlight == 0 }

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
    if sweep.known.contains(endpoint) { sweep.onMiss(endpoint, failure) }
  }

  /// An attempt is under way: what becomes of a known endpoint depends on the address that the answer goes to.
  func noteSource(of descriptor: Int32, at endpoint: Endpoint) {
    guard sweep.known.contains(endpoint), let source = Socket.source(of: descriptor) else { return }
    sources.insert(source)
  }

  /// Every attempt is settled: without an address that it came from, one that was not answered says nothing.
  func checkSources() {
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
