internal import Addressing

/// One try at an endpoint, or a part of one.
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

/// A sweep's attempts that wait: for room, for the end of their pause, for the neighbour table, for their endpoint.
struct Backlog {
  /// Attempts to connect that wait for room: at what has answered a SYN or had a connection, or where SYNs do not get out.
  private var ready: [Attempt] = []
  private var retries = DeadlineQueue<Attempt>()
  /// SYNs that found no room. Where there is room, and the network's queue drops them, nobody is told.
  private var unsent: [Attempt] = []
  /// First attempts that are held back by the pace of an attached network; while there are any, no further one begins.
  private var heldBack: [Attempt] = []
  /// How many the loop keeps until their endpoint has no connection any more.
  private var waiting = 0

  /// Where so many wait for room, nobody is asked for the first time.
  static let mostReady = 128

  // MARK: What comes

  /// Is due after a pause.
  mutating func append(_ attempt: Attempt, dueAt deadline: UInt64) { retries.append(attempt, deadline: deadline) }

  /// There is no room on this machine for it just now.
  mutating func putBack(_ attempt: Attempt) {
    if attempt.isBySyn { unsent.append(attempt) } else { ready.append(attempt) }
  }

  /// There is no room in the neighbour table for it just now.
  mutating func holdBack(_ attempt: Attempt) { heldBack.append(attempt) }

  /// The loop keeps an attempt until its endpoint has no connection any more.
  mutating func beginWaiting() { waiting += 1 }

  mutating func endWaiting(_ attempt: Attempt) {
    waiting -= 1
    var attempt = attempt
    attempt.isAdmitted = true
    connect(attempt)
  }

  /// It is to be a connection, when there is room.
  mutating func connect(_ attempt: Attempt) {
    var attempt = attempt
    attempt.isBySyn = false
    ready.append(attempt)
  }

  // MARK: What goes

  /// The next that may be made now.
  mutating func next(at now: UInt64) -> Attempt? {
    ready.popLast() ?? retries.popDue(at: now) ?? unsent.popLast() ?? heldBack.popLast()
  }

  /// The next that needs no connection.
  mutating func nextSyn() -> Attempt? { unsent.popLast() ?? (holdsBackSyn ? heldBack.popLast() : nil) }

  // MARK: What is there

  var isEmpty: Bool { ready.isEmpty && retries.count == 0 && unsent.isEmpty && heldBack.isEmpty && waiting == 0 }

  /// Whether there are attempts that need not wait for the neighbour table, as far as is known.
  var hasReady: Bool { !ready.isEmpty }

  /// Whether there are SYNs that found no room.
  var hasUnsent: Bool { !unsent.isEmpty }

  var holdsBack: Bool { !heldBack.isEmpty }

  /// Whether the next of those that are held back is a SYN.
  var holdsBackSyn: Bool { heldBack.last?.isBySyn == true }

  /// Whether first attempts may go on though there is no room for connections.
  var mayGrow: Bool { heldBack.isEmpty && ready.count < Self.mostReady }

  /// When the first of the pauses is over.
  var nextRetry: UInt64? { retries.earliest }

  /// Endpoints that are kept for this sweep and have no connection yet.
  var admitted: [Endpoint] { (ready + heldBack).filter(\.isAdmitted).map(\.endpoint) }
}
