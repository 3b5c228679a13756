internal import NIOCore

/// The clients that are served, and which of them gives up its place when another needs it.
///
/// A value without a clock, so that its rules can be tested.
struct Places<ID: Hashable> {
  /// What a client is at.
  enum Doing: Hashable {
    /// Connecting, in a TLS handshake, or in the middle of a request.
    case asking
    /// Waiting for the daemon.
    case waiting
    /// Taking an answer.
    case taking
    /// Without anything to ask, or about to leave.
    case idle
  }

  private struct Client {
    let peer: Peer
    var doing = Doing.asking
    var since: NIODeadline
    var pace: TakingPace
  }

  /// Who has to leave, and what it was at.
  struct Victim: Hashable {
    let id: ID
    let doing: Doing
  }

  private let bounds: Bounds
  private var clients: [ID: Client] = [:]

  init(_ bounds: Bounds) { self.bounds = bounds }

  var count: Int { clients.count }

  mutating func add(_ id: ID, _ peer: Peer, now: NIODeadline) {
    clients[id] = Client(peer: peer, since: now, pace: TakingPace(now))
  }

  mutating func remove(_ id: ID) { clients[id] = nil }

  mutating func note(_ id: ID, _ doing: Doing, now: NIODeadline) {
    clients[id]?.doing = doing
    clients[id]?.since = now
    clients[id]?.pace = TakingPace(now)
  }

  mutating func note(_ id: ID, hasTaken length: Int, now: NIODeadline) {
    clients[id]?.pace.note(length, now: now, bounds.graceTime)
  }

  /// Whether there is a place for a client of a peer.
  func hasPlace(for peer: Peer) -> Bool {
    clients.count < bounds.connections && clients.count(where: { $0.value.peer == peer }) < bounds.connectionsOfPeer
  }

  /// Who makes room for a client of a peer; nil where all who could are served at a fair rate.
  ///
  /// A peer that has more than a fair share gives up its own. Of these, who is idle goes first, then who has been in the
  /// middle of a request for longest, then who takes an answer too slowly.
  func victim(for peer: Peer, now: NIODeadline) -> Victim? {
    let counts = clients.values.reduce(into: [Peer: Int]()) { $0[$1.peer, default: 0] += 1 }
    if counts[peer, default: 0] >= bounds.connectionsOfPeer { return victim(now) { $0.peer == peer } }
    let most = counts.values.max() ?? 0
    guard most > bounds.fairShare else { return victim(now) { _ in true } }
    if let victim = victim(now, among: { counts[$0.peer] == most }) { return victim }
    // A peer that has that much itself takes from no other.
    return counts[peer] == most ? nil : victim(now) { _ in true }
  }

  /// The slowest of these clients that take an answer too slowly; nil where there is none.
  func slowest(of ids: some Sequence<ID>, now: NIODeadline) -> Victim? {
    let slow = ids.compactMap { id in clients[id].flatMap { rate(of: $0, now) }.map { (id, $0) } }
    return slow.min { $0.1 < $1.1 }.map { Victim(id: $0.0, doing: .taking) }
  }

  private func victim(_ now: NIODeadline, among isMeant: (Client) -> Bool) -> Victim? {
    let meant = clients.filter { isMeant($0.value) }
    for doing in [Doing.idle, .asking] {
      let longest = meant.filter { $0.value.doing == doing }.min { $0.value.since < $1.value.since }
      if let longest { return Victim(id: longest.key, doing: doing) }
    }
    return slowest(of: meant.keys, now: now)
  }

  /// Bytes a second at which a client takes its answer, if that is less than fair.
  private func rate(of client: Client, _ now: NIODeadline) -> Int? {
    guard client.doing == .taking, now - client.since >= bounds.graceTime else { return nil }
    let rate = client.pace.rate(now: now, bounds.graceTime)
    return rate < bounds.fairRate ? rate : nil
  }
}

/// How fast a client takes its answer of late: what the kernel's buffers took at once in the beginning says little.
private struct TakingPace {
  private var begin: NIODeadline
  private var taken = 0
  /// The time before `begin`, and what was taken in it.
  private var before: (begin: NIODeadline, taken: Int)?
  private var last: NIODeadline

  init(_ now: NIODeadline) { (begin, last) = (now, now) }

  mutating func note(_ length: Int, now: NIODeadline, _ span: TimeAmount) {
    if now - begin >= span { (before, begin, taken) = ((begin, taken), now, 0) }
    taken += length
    last = now
  }

  /// Bytes a second; 0 where nothing was taken for a whole span.
  func rate(now: NIODeadline, _ span: TimeAmount) -> Int {
    guard now - last < span else { return 0 }
    let time = now - (before?.begin ?? begin)
    return (taken + (before?.taken ?? 0)) / max(1, Int(time.nanoseconds / 1_000_000)) * 1_000
  }
}
