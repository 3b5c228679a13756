internal import Addressing

/// One question beside the sweeps, whether an endpoint accepts connections, and who hears of it.
struct Knock: Sendable {
  let endpoint: Endpoint
  /// For each try, in nanoseconds.
  let timeout: UInt64
  /// How many more there are if nothing answers: a port that is open must not pass for a closed one because a packet was
  /// lost. At 5 % loss each way one try in ten fails, and three in a row one time in a thousand.
  var triesLeft = 2
  /// Called once, on the sweeper's thread, where it must not block.
  let body: @Sendable (KnockResult) -> Void
}

/// What came of a knock.
package enum KnockResult: Sendable {
  /// Whoever hears this settles the connection, in whatever way: there is no second try.
  case open(OpenConnection)
  case failed(ConnectFailure)
  /// It could not be tried: this says nothing of the endpoint.
  case local(LocalFailure)
}

/// Knocks that wait, and when those under way fall due.
struct KnockQueue {
  private var waiting: [Knock] = []
  /// Those before it in `waiting` are under way.
  private var first = 0
  /// Those at endpoints that have a connection now.
  private var blocked: [Endpoint: [Knock]] = [:]
  /// One queue for each time-out: jobs may have different ones.
  private var deadlines: [UInt64: DeadlineQueue<FlightID>] = [:]
  var inFlight = 0

  /// How many are under way at a time beside so many connections of sweeps: no more of those can wait for one.
  static func width(beside concurrency: Int) -> Int { min(concurrency, 1_024) }

  var isEmpty: Bool { first == waiting.count }

  mutating func append(_ knock: Knock) { waiting.append(knock) }

  /// The one that has waited longest.
  mutating func next() -> Knock? {
    guard first < waiting.count else { return nil }
    defer {
      first += 1
      if first == waiting.count || first == Self.drained {
        waiting.removeFirst(first)
        first = 0
      }
    }
    return waiting[first]
  }

  /// After so many the array is moved up, so that it does not grow for ever.
  private static let drained = 4_096

  mutating func block(_ knock: Knock) { blocked[knock.endpoint, default: []].append(knock) }

  mutating func unblock(_ endpoint: Endpoint) {
    guard !blocked.isEmpty, let knocks = blocked.removeValue(forKey: endpoint) else { return }
    waiting += knocks
  }

  mutating func watch(_ id: FlightID, _ knock: Knock, at now: UInt64) {
    deadlines[knock.timeout, default: DeadlineQueue()].append(id, deadline: now + knock.timeout)
  }

  mutating func nextExpired(at now: UInt64) -> FlightID? {
    for timeout in deadlines.keys {
      if let id = deadlines[timeout]?.popDue(at: now) { return id }
      if deadlines[timeout]?.count == 0 { deadlines[timeout] = nil }
    }
    return nil
  }

  var nextDeadline: UInt64? { deadlines.values.compactMap(\.earliest).min() }

  /// Those that are not under way, which nobody will try any more.
  mutating func giveUp() -> [Knock] {
    defer { (waiting, first, blocked) = ([], 0, [:]) }
    return Array(waiting[first...]) + blocked.values.joined()
  }
}
