/// The bodies of answers that are on their way: each is kept once however many clients take it, and they are bounded.
///
/// Who takes nothing of a list therefore holds no room that another client of the same list would need.
struct Outbox<ID: Hashable> {
  /// Of what kind a body is; each kind has room of its own, so that people and Prometheus do not wait for one another.
  enum Kind: Hashable { case list, view }

  private struct Body {
    let kind: Kind
    let bytes: [UInt8]
    /// The peer whose client came first.
    let peer: Peer
    var takers: Set<ID>
  }

  private let bounds: Bounds
  private var bodies: [Body] = []

  init(_ bounds: Bounds) { self.bounds = bounds }

  /// What of the room a peer takes at most for all of its clients.
  private var share: Int { bounds.unsentLength / 4 * 3 }
  /// How many times the room is there for peers that have nothing on its way, so that one which does not read large answers
  /// keeps no other from its first.
  private static var reserve: Int { 4 }

  /// Takes room for a client's answer; returns the bytes to send, nil where there is no room.
  ///
  /// One that is larger than all the room goes alone.
  mutating func take(_ bytes: [UInt8], _ kind: Kind, for id: ID, of peer: Peer) -> [UInt8]? {
    guard bytes.count > bounds.shortLength else { return bytes }
    if let index = bodies.firstIndex(where: { $0.kind == kind && $0.bytes == bytes }) {
      bodies[index].takers.insert(id)
      return bodies[index].bytes
    }
    let own = bodies(of: kind, peer)
    let room = own.isEmpty ? bounds.unsentLength * Self.reserve : bounds.unsentLength
    guard hasRoom(bytes.count, room, besides: bodies(of: kind)), hasRoom(bytes.count, share, besides: own) else {
      return nil
    }
    bodies.append(Body(kind: kind, bytes: bytes, peer: peer, takers: [id]))
    return bytes
  }

  private func hasRoom(_ length: Int, _ limit: Int, besides others: [Body]) -> Bool {
    others.isEmpty || others.reduce(length) { $0 + $1.bytes.count } <= limit
  }

  private func bodies(of kind: Kind, _ peer: Peer? = nil) -> [Body] {
    bodies.filter { $0.kind == kind && (peer == nil || $0.peer == peer) }
  }

  /// The clients that hold the room which a body lacks: those of the peer itself where its share is too small for it.
  func inTheWay(of length: Int, _ kind: Kind, _ peer: Peer) -> Set<ID> {
    let own = bodies(of: kind, peer)
    let others = hasRoom(length, share, besides: own) ? bodies(of: kind) : own
    return others.reduce(into: []) { $0.formUnion($1.takers) }
  }

  /// The client has its answer, or will not get it.
  mutating func release(_ id: ID) {
    for index in bodies.indices.reversed() where bodies[index].takers.remove(id) != nil {
      if bodies[index].takers.isEmpty { bodies.remove(at: index) }
    }
  }

  /// Bytes on their way.
  var length: Int { bodies.reduce(0) { $0 + $1.bytes.count } }
}
