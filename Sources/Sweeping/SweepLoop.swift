internal import Addressing
internal import Files
internal import Glibc
internal import Synchronization

/// The loop of a `Sweeper`: takes messages, begins attempts, hears of handshakes, and lets the rest expire.
struct SweepLoop: ~Copyable {
  let inbox: Inbox
  var epoll: Epoll
  var sweeps: [ActiveSweep] = []
  var turn = 0
  var flights = FlightTable()
  var knocks = KnockQueue()
  var knockWidth: Int
  /// What has a connection now, of whichever sweep, or is kept for who has waited for it.
  var busy: Set<Endpoint> = []
  /// Attempts of other sweeps at what is busy, first come, first served.
  var waiting: [Endpoint: [(sweep: ActiveSweep, attempt: Attempt)]] = [:]
  var pace: Pace
  var attached = AttachedNetworks.current() ?? .none
  private var attachedReadAt = Self.now()
  /// For sweeps by SYN, while there are any.
  var line4: SynLine?
  var line6: SynLine?
  /// Whether more has come to them than was heard.
  var hasUnheard = false
  private var isRunning = true

  /// What epoll has told, kept for its capacity.
  private var ready: [UInt64] = []

  /// The tag of the inbox's bell; no flight has it.
  private static let bell = UInt64.max
  /// Attempts begun before the network is listened to again: a few milliseconds' worth.
  static let batch = 128

  init(inbox: Inbox, limits: SweepLimits) throws(LocalFailure) {
    let epoll = try Epoll()
    try epoll.watchReadable(inbox.bell.number, tag: Self.bell)
    self.epoll = epoll
    self.inbox = inbox
    pace = Pace(limits, now: Self.now())
    knockWidth = KnockQueue.width(beside: limits.concurrency)
  }

  mutating func run() {
    while isRunning {
      let launchAgain = launch()
      // Only a launch that found nothing left shows that a sweep is through.
      finish()
      inbox.inFlight.store(flights.count, ordering: .relaxed)
      expire(at: listen(until: launchAgain))
    }
    for sweep in sweeps { cancel(sweep, end: .cancelled) }
    for (id, knock, descriptor) in flights.knocks {
      close(descriptor)
      _ = remove(id)
      knock.body(.local(LocalFailure(errno: ECANCELED)))
    }
    failKnocks(LocalFailure(errno: ECANCELED))
  }

  /// Monotonic nanoseconds.
  static func now() -> UInt64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  // MARK: Messages

  private mutating func takeMessages() {
    for message in inbox.takeAll() {
      switch message {
      case .start(let sweep, let handle):
        readAttached(at: Self.now())
        let active = ActiveSweep(sweep, handle: handle, now: Self.now())
        openLines(for: active)
        sweeps.append(active)
      case .cancel(let handle):
        if let sweep = sweeps.first(where: { $0.handle === handle }) { cancel(sweep, end: .cancelled) }
      case .settled(let id, let settlement):
        land(id, settlement)
      case .knock(let knock):
        knocks.append(knock)
      case .adjust(let limits):
        pace.adjust(to: limits, now: Self.now())
        knockWidth = KnockQueue.width(beside: limits.concurrency)
      case .quit:
        isRunning = false
      }
    }
  }

  /// Many sweeps begin in the same second: what was read in it is not read again. Where it cannot be read just now, what
  /// was known before paces as well.
  private mutating func readAttached(at now: UInt64) {
    guard now - attachedReadAt >= 1_000_000_000 else { return }
    attached = .current() ?? attached
    attachedReadAt = now
  }

  /// A connection that was handed on is closed.
  private mutating func land(_ id: FlightID, _ settlement: OpenConnection.Settlement) {
    guard let flight = remove(id), case .sweep(let sweep) = flight.owner else { return }
    switch settlement {
    case .done: break
    case .again: if sweep.tryAgain(flight.endpoint, after: flight.earlierTries, at: Self.now()) { return }
    case .anew: return sweep.connectAnew(flight.endpoint, after: flight.earlierTries)
    case .untried(let failure): return sweep.leaveUntried(failure)
    case .postponed(let failure):
      if !sweep.tryAgain(flight.endpoint, after: flight.earlierTries, at: Self.now()) { sweep.leaveUntried(failure) }
      return
    }
    sweep.settle(\.opened)
  }

  /// Ends a sweep with endpoints left; connections that were handed on stay in flight until they are settled.
  mutating func cancel(_ sweep: ActiveSweep, end: SweepSummary.End) {
    waiting = waiting.mapValues { $0.filter { $0.sweep !== sweep } }.filter { !$0.value.isEmpty }
    for (id, flight) in flights.flights(of: sweep) {
      guard case .connecting(let descriptor) = flight.state else { continue }
      close(descriptor)
      _ = remove(id)
    }
    sweeps.removeAll { $0 === sweep }
    for endpoint in sweep.backlog.admitted { release(endpoint) }
    sweep.summary.untried += sweep.handle.total - min(sweep.handle.progress, sweep.handle.total)
    sweep.summary.end = end
    sweep.sweep.onEnd(sweep.summary)
    closeUnusedLines()
  }

  mutating func remove(_ id: FlightID) -> Flight? {
    guard let flight = flights[id] else { return nil }
    flights.remove(id)
    switch flight.owner {
    case .sweep(let sweep): sweep.inFlight -= 1
    case .knock: knocks.inFlight -= 1
    }
    release(flight.endpoint)
    return flight
  }

  /// The endpoint has no connection any more: it goes to who has waited longest, and else is free.
  mutating func release(_ endpoint: Endpoint) {
    knocks.unblock(endpoint)
    guard !waiting.isEmpty, var line = waiting.removeValue(forKey: endpoint) else {
      busy.remove(endpoint)
      return
    }
    let next = line.removeFirst()
    if !line.isEmpty { waiting[endpoint] = line }
    next.sweep.backlog.endWaiting(next.attempt)
  }

  // MARK: Results

  /// Waits for what comes, at most until something falls due; returns up to when all that came was heard.
  private mutating func listen(until launchAgain: UInt64?) -> UInt64 {
    hasUnheard = false
    let earliest = sweeps.reduce(min(launchAgain ?? .max, knocks.nextDeadline ?? .max)) { min($0, $1.nextDeadline) }
    var timeout: Int32 = -1
    if earliest < .max {
      let now = Self.now()
      // Rounded up, or the loop would spin for the last part of a millisecond; capped, so that it fits.
      timeout = earliest <= now ? 0 : Int32(min((earliest - now + 999_999) / 1_000_000, 60_000))
    }
    while true {
      ready.removeAll(keepingCapacity: true)
      let asked = Self.now()
      let mayBeMore = epoll.wait(milliseconds: timeout, appendingTo: &ready)
      for tag in ready {
        switch tag {
        case Self.bell: takeMessages()
        case Self.tag(ofLine: false): if let line4 { hear(line4) }
        case Self.tag(ofLine: true): if let line6 { hear(line6) }
        default: conclude(handshake: FlightID(bits: tag))
        }
      }
      guard mayBeMore else { return asked }
      timeout = 0
    }
  }

  private mutating func conclude(handshake id: FlightID) {
    guard let flight = flights[id], case .connecting(let descriptor) = flight.state else { return }
    conclude(id, ConnectResult(pending: Socket.pendingError(descriptor)), at: Self.now())
  }

  /// What was answered in time is never counted as late because this loop was: nothing falls due before all that came until
  /// then was heard.
  private mutating func expire(at heard: UInt64) {
    let now = Self.now()
    for sweep in sweeps {
      while let id = sweep.nextExpired(at: heard) { conclude(id, .failed(.timedOut), at: now) }
      sweep.expireSyns(at: dueSyns(at: heard))
    }
    while let id = knocks.nextExpired(at: heard) { conclude(id, .failed(.timedOut), at: now) }
  }

  mutating func conclude(_ id: FlightID, _ result: ConnectResult, at now: UInt64) {
    guard let flight = flights[id], case .connecting(let descriptor) = flight.state else { return }
    if result == .connected, !Socket.isConnectedToItself(descriptor, flight.endpoint) {
      return handOn(id, flight, descriptor)
    }
    close(descriptor)
    _ = remove(id)
    let result = result == .connected ? .failed(.refused) : result
    switch flight.owner {
    case .sweep(let sweep):
      let attempt = Attempt(endpoint: flight.endpoint, earlierTries: flight.earlierTries)
      conclude(attempt, of: sweep, result, at: now)
    case .knock(let knock): conclude(knock, result)
    }
  }

  private mutating func handOn(_ id: FlightID, _ flight: Flight, _ descriptor: Int32) {
    epoll.forget(descriptor)
    Socket.resetOnClose(descriptor)
    flights.update(id, to: .handedOn)
    let connection = OpenConnection(
      flight.endpoint, descriptor: descriptor, isRetry: flight.earlierTries > 0
    ) { [inbox] in
      inbox.post(.settled(id, $0))
    }
    switch flight.owner {
    case .sweep(let sweep):
      sweep.noteOpen(flight.endpoint)
      sweep.sweep.onOpen(connection)
    case .knock(let knock): knock.body(.open(connection))
    }
  }

  mutating func conclude(_ knock: Knock, _ result: ConnectResult) {
    switch result {
    case .failed(.timedOut) where knock.triesLeft > 0:
      var knock = knock
      knock.triesLeft -= 1
      knocks.append(knock)
    case .failed(let failure): knock.body(.failed(failure))
    case .local(let failure): knock.body(.local(failure))
    case .starved(let errno): knock.body(.local(LocalFailure(errno: errno)))
    case .connected, .inProgress: return
    }
  }

  func conclude(_ attempt: Attempt, of sweep: ActiveSweep, _ result: ConnectResult, at now: UInt64) {
    switch result {
    case .failed(let failure):
      if sweep.tryAgain(attempt.endpoint, after: attempt.earlierTries, failure, at: now) { return }
      sweep.fail(attempt.endpoint, failure)
    case .local(let failure): sweep.leaveUntried(failure)
    case .starved(let errno): sweep.leaveUntried(LocalFailure(errno: errno))
    case .connected, .inProgress: return
    }
  }

  private mutating func finish() {
    for sweep in sweeps where sweep.isFinished {
      sweeps.removeAll { $0 === sweep }
      sweep.complete()
      sweep.sweep.onEnd(sweep.summary)
      closeUnusedLines()
    }
  }
}
