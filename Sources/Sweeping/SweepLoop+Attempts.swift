internal import Addressing
internal import Glibc
internal import Synchronization

/// Attempts: which may begin, and how.
extension SweepLoop {
  /// Begins what may begin now; returns when more may, or nil if only an event can change that.
  mutating func launch() -> UInt64? {
    let again = launchBatch()
    sendAll(at: Self.now())
    pace.endTurn(at: Self.now())
    // What found no room just now waits for nothing that comes.
    guard sweeps.contains(where: \.backlog.hasUnsent) else { return again }
    return min(again ?? .max, pace.nextAttemptAt)
  }

  private mutating func launchBatch() -> UInt64? {
    // What the rate allows now: whoever is held up on the way may not make up for that in one go.
    let begun = Self.now()
    for _ in 0..<Self.batch {
      let now = Self.now()
      let mayKnock = !knocks.isEmpty && knocks.inFlight < knockWidth
      guard mayKnock || sweeps.contains(where: \.hasMore) else { return nil }
      // Connections wait for knocks, so that these have places of their own.
      var isFull = false
      switch pace.allowance(inFlight: mayKnock ? 0 : flights.count - knocks.inFlight, at: begun) {
      case .now: break
      case .at(let time): return time
      case .whenOneLands:
        // A SYN by itself needs no connection.
        guard sweeps.contains(where: \.sendsSyns) else { return nil }
        guard case .now = pace.allowance(inFlight: 0, at: begun) else { return pace.nextAttemptAt }
        isFull = true
      }
      if mayKnock, let knock = knocks.next() {
        begin(knock, at: now)
        continue
      }
      guard let (sweep, attempt) = takeTurn(isFull: isFull, at: now) else {
        let neighboursAt = pace.nextNeighbourAt
        let earliest = sweeps.reduce(UInt64.max) {
          min($0, $1.nextAttempt(neighboursAt: neighboursAt, isFull: isFull))
        }
        return earliest < .max ? earliest : nil
      }
      pace.spend()
      if let line = line(for: attempt, at: now) {
        ask(attempt, of: sweep, by: line, at: now)
      } else {
        begin(attempt, of: sweep, at: now)
      }
    }
    return 0
  }

  /// The next attempt of the sweep whose turn it is, or of the one after it.
  private mutating func takeTurn(isFull: Bool, at now: UInt64) -> (ActiveSweep, Attempt)? {
    for _ in sweeps {
      turn = turn + 1 < sweeps.count ? turn + 1 : 0
      let sweep = sweeps[turn]
      while let attempt = sweep.next(at: now, isFull: isFull) {
        guard attempt.isAdmitted || !busy.contains(attempt.endpoint) else {
          sweep.backlog.beginWaiting()
          waiting[attempt.endpoint, default: []].append((sweep, attempt))
          continue
        }
        if isFull, line(for: attempt, at: now) == nil {
          sweep.backlog.connect(attempt)
          continue
        }
        let address = attempt.endpoint.address
        if attached.contains(address), !pace.takeNeighbour(address, isFirst: attempt.isFirst, at: now) {
          sweep.backlog.holdBack(attempt)
          guard sweep.backlog.hasReady, !isFull else { break }
          continue
        }
        return (sweep, attempt)
      }
    }
    return nil
  }

  private mutating func begin(_ attempt: Attempt, of sweep: ActiveSweep, at now: UInt64) {
    switch takeOff(to: attempt.endpoint, for: .sweep(sweep), after: attempt.earlierTries, at: now) {
    case .underWay(let id, let descriptor):
      sweep.noteSource(of: descriptor, at: attempt.endpoint)
      sweep.watch(id, earlierTries: attempt.earlierTries, at: now)
    case .landed: break
    case .refused(.starved(let errno), let isFree):
      var attempt = attempt
      if isFree { attempt.isAdmitted = false }
      starve(attempt, of: sweep, errno, at: now)
    case .refused(let result, _):
      if attempt.isAdmitted { release(attempt.endpoint) }
      conclude(attempt, of: sweep, result, at: now)
    }
  }

  private mutating func begin(_ knock: Knock, at now: UInt64) {
    guard !busy.contains(knock.endpoint) else { return knocks.block(knock) }
    pace.spend()
    switch takeOff(to: knock.endpoint, for: .knock(knock), after: 0, at: now) {
    case .underWay(let id, _): knocks.watch(id, knock, at: now)
    case .landed: break
    case .refused(.starved(let errno), _):
      knocks.append(knock)
      starve(errno, at: now)
      // The connections that wait for them may be what there is too much of.
      if pace.isStarved(at: now) { failKnocks(LocalFailure(errno: errno)) }
    case .refused(let result, _): conclude(knock, result)
    }
  }

  private enum TakeOff {
    case underWay(FlightID, descriptor: Int32)
    /// Connected at once, and told.
    case landed
    /// Nothing is in flight; `isFree` says whether the endpoint was given back, too.
    case refused(ConnectResult, isFree: Bool)
  }

  private mutating func takeOff(
    to endpoint: Endpoint, for owner: Flight.Owner, after earlierTries: Int, at now: UInt64
  ) -> TakeOff {
    let (result, descriptor) = Socket.connect(to: endpoint, isBroadcast: attached.isBroadcast(endpoint.address))
    if result.wasSent { inbox.attempts.wrappingAdd(1, ordering: .relaxed) }
    guard descriptor >= 0 else { return .refused(result, isFree: false) }
    let flight = Flight(
      state: .connecting(descriptor: descriptor), endpoint: endpoint, earlierTries: earlierTries, owner: owner)
    let id = flights.insert(flight)
    busy.insert(endpoint)
    switch owner {
    case .sweep(let sweep): sweep.inFlight += 1
    case .knock: knocks.inFlight += 1
    }
    if result == .connected {
      pace.succeed(at: now)
      conclude(id, .connected, at: now)
      return .landed
    }
    do {
      try epoll.watchHandshake(descriptor, tag: id.bits)
      pace.succeed(at: now)
      return .underWay(id, descriptor: descriptor)
    } catch {
      _ = remove(id)
      close(descriptor)
      return .refused(.starved(errno: error.errno), isFree: true)
    }
  }

  /// Goes on with fewer connections; where not even one can be had for a while, no sweep can go on.
  private mutating func starve(_ attempt: Attempt, of sweep: ActiveSweep, _ errno: Int32, at now: UInt64) {
    sweep.backlog.putBack(attempt)
    starve(errno, at: now)
  }

  private mutating func starve(_ errno: Int32, at now: UInt64) {
    guard pace.starve(inFlight: flights.count, at: now) == .hopeless else { return }
    for sweep in sweeps { cancel(sweep, end: .incomplete(LocalFailure(errno: errno))) }
    failKnocks(LocalFailure(errno: errno))
    pace.succeed(at: now)
  }

  /// Nobody is left waiting for a knock that is not made.
  mutating func failKnocks(_ failure: LocalFailure) {
    for knock in knocks.giveUp() { knock.body(.local(failure)) }
  }
}
