/// The order in which passwords are checked: peers take turns, and a peer that guesses has to pause.
///
/// A value without a clock, so that its rules can be tested.
struct CheckQueue {
  typealias Instant = ContinuousClock.Instant

  /// A password that waits to be checked.
  struct Ticket: Hashable {
    let id: Int
    let peer: Peer
    let since: Instant
  }

  /// What is known of a peer.
  private struct Record {
    var failures = 0
    var hasProvenItself = false
    /// A wrong password makes the peer wait until then.
    var pauseEnd: Instant?
    var lastSeen: Instant
  }

  /// Passwords of one peer that wait. A browser sends as many at once as it has connections, and needs one answer.
  static let maxOfPeer = 4
  /// Passwords that wait. Each needs a connection.
  static let maxWaiting = 64
  /// Peers that are remembered, some 100 KiB.
  static let maxPeers = 1024
  /// What a wrong password costs a peer at least, and for how long its answer is held back.
  static let pause = Duration.milliseconds(250)
  /// A ticket that is older comes before tickets of peers that are new.
  private static let patience = Duration.seconds(5)
  /// Wrong passwords count for this long.
  private static let memory = Duration.seconds(600)

  private var waiting: [Ticket] = []
  private var records: [Peer: Record] = [:]
  private var nextID = 0
  /// After a wrong password nothing is checked for as long as the check took: guesses of all peers together take half of
  /// a processor at most.
  private var restEnd: Instant?

  /// Takes a place for a peer. Both are nil where there is none; `displaced` has to give its place up.
  mutating func join(_ peer: Peer, now: Instant) -> (ticket: Ticket?, displaced: Ticket?) {
    let counts = waiting.reduce(into: [Peer: Int]()) { $0[$1.peer, default: 0] += 1 }
    let mine = counts[peer] ?? 0
    guard mine < Self.maxOfPeer else { return (nil, nil) }
    var displaced: Ticket?
    if waiting.count >= Self.maxWaiting {
      guard let largest = counts.max(by: { $0.value < $1.value }), largest.value > mine + 1,
        let index = waiting.lastIndex(where: { $0.peer == largest.key })
      else { return (nil, nil) }
      displaced = waiting.remove(at: index)
    }
    note(peer, now: now)
    let ticket = Ticket(id: nextID, peer: peer, since: now)
    nextID += 1
    waiting.append(ticket)
    return (ticket, displaced)
  }

  /// Gives a place up.
  mutating func leave(_ id: Int) { waiting.removeAll { $0.id == id } }

  /// The ticket to check now, which gives up its place; nil where none may be checked.
  mutating func next(now: Instant) -> Ticket? {
    let due = waiting.indices.filter { start(of: waiting[$0]) <= now }
    let ranked = due.min { (rank(of: waiting[$0], now), $0) < (rank(of: waiting[$1], now), $1) }
    return ranked.map { waiting.remove(at: $0) }
  }

  /// When the next ticket may be checked; nil where there is none.
  var nextStart: Instant? { waiting.map { start(of: $0) }.min() }

  /// Hears what came of a check that took so long.
  mutating func settle(_ ticket: Ticket, isRight: Bool, took: Duration, now: Instant) {
    note(ticket.peer, now: now)
    guard isRight else {
      records[ticket.peer]?.failures += 1
      records[ticket.peer]?.pauseEnd = now + max(Self.pause, took)
      restEnd = now + took
      return
    }
    records[ticket.peer]?.failures = 0
    records[ticket.peer]?.hasProvenItself = true
  }

  /// How many peers are remembered.
  var peerCount: Int { records.count }

  /// Peers that have proven themselves first, then who waits too long, then who has guessed nothing wrong.
  private func rank(of ticket: Ticket, _ now: Instant) -> Int {
    let record = records[ticket.peer]
    if record?.hasProvenItself == true { return 0 }
    if now - ticket.since > Self.patience { return 1 }
    return record?.failures == 0 ? 2 : 3
  }

  private func start(of ticket: Ticket) -> Instant {
    let record = records[ticket.peer]
    // Others' guesses do not delay a peer that has proven itself, unless it guesses too.
    let isTrusted = record.map { $0.hasProvenItself && $0.failures < 3 } ?? false
    return max(ticket.since, record?.pauseEnd ?? ticket.since, isTrusted ? ticket.since : restEnd ?? ticket.since)
  }

  private mutating func note(_ peer: Peer, now: Instant) {
    if var record = records[peer] {
      if now - record.lastSeen > Self.memory { record.failures = 0 }
      record.lastSeen = now
      records[peer] = record
      return
    }
    if records.count >= Self.maxPeers { forgetOne(now) }
    records[peer] = Record(lastSeen: now)
  }

  /// Forgets a peer: rather one whose pause is over, rather one that has proven nothing, rather the longest unseen.
  private mutating func forgetOne(_ now: Instant) {
    let busy = Set(waiting.map(\.peer))
    let order = { (peer: Peer, record: Record) in
      (
        busy.contains(peer) || record.pauseEnd.map { $0 > now } ?? false ? 1 : 0, record.hasProvenItself ? 1 : 0,
        record.lastSeen
      )
    }
    let least = records.min { order($0.key, $0.value) < order($1.key, $1.value) }
    if let least { records[least.key] = nil }
  }
}
