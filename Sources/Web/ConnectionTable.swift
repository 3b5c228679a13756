internal import NIOCore
internal import Synchronization

/// The connections that are served and the bodies that they take: room for no more than so many.
final class ConnectionTable: Sendable {
  private let state: Mutex<State>
  private let statistics: Statistics
  private let bounds: Bounds

  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var places: Places<ObjectIdentifier>
    var outbox: Outbox<ObjectIdentifier>
    var refusals = 0
  }

  enum Admission { case served, refused, ignored }

  init(_ statistics: Statistics, _ bounds: Bounds) {
    self.statistics = statistics
    self.bounds = bounds
    state = Mutex(State(places: Places(bounds), outbox: Outbox(bounds)))
  }

  /// Makes room by closing another connection, if need be. A client that is served or refused has to leave.
  func admit(_ channel: any Channel) -> Admission {
    let peer = Peer(channel.remoteAddress)
    evict { state in state.places.hasPlace(for: peer) ? nil : state.places.victim(for: peer, now: .now()) }
    let admission = state.withLock { state -> Admission in
      if state.places.hasPlace(for: peer) {
        state.channels[ObjectIdentifier(channel)] = channel
        state.places.add(ObjectIdentifier(channel), peer, now: .now())
        return .served
      }
      guard state.refusals < bounds.refusals else { return .ignored }
      state.refusals += 1
      return .refused
    }
    if admission != .served { statistics.countRefused() }
    publish()
    return admission
  }

  /// Ends a connection that has to make room; returns whether there was one.
  @discardableResult private func evict(_ choose: (inout State) -> Places<ObjectIdentifier>.Victim?) -> Bool {
    let evicted = state.withLock { state -> ((any Channel)?, Places<ObjectIdentifier>.Doing)? in
      guard let victim = choose(&state) else { return nil }
      state.places.remove(victim.id)
      state.outbox.release(victim.id)
      return (state.channels.removeValue(forKey: victim.id), victim.doing)
    }
    guard let (channel, doing) = evicted else { return false }
    statistics.countEvicted(doing)
    channel?.pipeline.fireUserInboundEventTriggered(MakeRoom())
    return true
  }

  func leave(_ channel: any Channel, after admission: Admission) {
    state.withLock { state in
      if admission == .refused { state.refusals -= 1 }
      state.channels[ObjectIdentifier(channel)] = nil
      state.places.remove(ObjectIdentifier(channel))
      state.outbox.release(ObjectIdentifier(channel))
    }
    publish()
  }

  func note(_ channel: any Channel, _ doing: Places<ObjectIdentifier>.Doing) {
    state.withLock { $0.places.note(ObjectIdentifier(channel), doing, now: .now()) }
  }

  func note(_ channel: any Channel, hasTaken length: Int) {
    state.withLock { $0.places.note(ObjectIdentifier(channel), hasTaken: length, now: .now()) }
  }

  /// Those that are served now.
  var channels: [any Channel] { state.withLock { Array($0.channels.values) } }

  /// Takes room for a body that is to be sent, if need be from clients that are slow to take theirs; returns the bytes to
  /// send, nil where there is no room.
  func takeRoom(
    for bytes: [UInt8], _ kind: Outbox<ObjectIdentifier>.Kind, _ channel: any Channel
  ) -> [UInt8]? {
    let (id, peer) = (ObjectIdentifier(channel), Peer(channel.remoteAddress))
    while true {
      if let bytes = state.withLock({ $0.outbox.take(bytes, kind, for: id, of: peer) }) { return bytes }
      let hasRoom = evict { state in
        state.places.slowest(of: state.outbox.inTheWay(of: bytes.count, kind, peer), now: .now())
      }
      guard hasRoom else { return nil }
    }
  }

  func giveRoom(_ channel: any Channel) {
    state.withLock { $0.outbox.release(ObjectIdentifier(channel)) }
  }

  private func publish() { statistics.note(connections: state.withLock { $0.places.count }) }
}

/// Tells a conversation that another client needs its place.
struct MakeRoom: Sendable {}
