internal import Addressing

/// One attempt beside the sweeps, and who hears of it.
struct Knock: Sendable {
  let endpoint: Endpoint
  /// Called once, on the sweeper's thread, where it must not block.
  let body: @Sendable (KnockResult) -> Void

  /// Long enough for a second SYN: the first is sent again after one second (RFC 6298), and a port that is open must not
  /// pass for a closed one because one packet was lost.
  static let timeout: UInt64 = 1_500_000_000
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
  /// Those at endpoints that have a connection now.
  private var blocked: [Endpoint: [Knock]] = [:]
  private var deadlines = DeadlineQueue<FlightID>()
  var inFlight = 0

  /// How many are under way at a time beside so many connections of sweeps: no more of those can wait for one.
  static func width(beside concurrency: Int) -> Int { min(concurrency, 1_024) }

  var isEmpty: Bool { waiting.isEmpty }

  mutating func append(_ knock: Knock) { waiting.append(knock) }

  /// In no order: all of them are waited for alike.
  mutating func next() -> Knock? { waiting.popLast() }

  mutating func block(_ knock: Knock) { blocked[knock.endpoint, default: []].append(knock) }

  mutating func unblock(_ endpoint: Endpoint) {
    guard !blocked.isEmpty, let knocks = blocked.removeValue(forKey: endpoint) else { return }
    waiting += knocks
  }

  mutating func watch(_ id: FlightID, at now: UInt64) { deadlines.append(id, deadline: now + Knock.timeout) }

  mutating func nextExpired(at now: UInt64) -> FlightID? { deadlines.popDue(at: now) }

  var nextDeadline: UInt64? { deadlines.earliest }

  /// Those that are not under way, which nobody will try any more.
  mutating func giveUp() -> [Knock] {
    defer { (waiting, blocked) = ([], [:]) }
    return waiting + blocked.values.joined()
  }
}
