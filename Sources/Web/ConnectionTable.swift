internal import NIOCore
internal import Synchronization

/// The connections that are served, and room for no more than so many.
final class ConnectionTable: Sendable {
  private let state = Mutex(State())
  private let statistics: Statistics
  private let bounds: Bounds

  private struct State {
    /// Those that are served and are not closed yet.
    var served: [ObjectIdentifier: any Channel] = [:]
    var refusals = 0
    /// Those that had to make room, and are not closed yet: with TLS that takes a moment.
    var leaving: Set<ObjectIdentifier> = []
    /// Those that wait for another request, the longest first.
    var idle: [any Channel] = []
    var unsent = 0
  }

  enum Admission { case served, refused, ignored }

  init(_ statistics: Statistics, _ bounds: Bounds) {
    self.statistics = statistics
    self.bounds = bounds
  }

  /// Makes room by closing who has asked nothing for longest, if need be. Whoever is served or refused has to leave.
  func admit(_ channel: any Channel) -> Admission {
    makeRoom()?.pipeline.fireUserInboundEventTriggered(MakeRoom())
    let admission = state.withLock { state -> Admission in
      if state.served.count < bounds.connections {
        state.served[ObjectIdentifier(channel)] = channel
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

  /// Who is to go; none where those that went before are not gone yet.
  private func makeRoom() -> (any Channel)? {
    state.withLock { state in
      guard state.served.count >= bounds.connections, state.leaving.count < bounds.refusals,
        let channel = state.idle.first
      else { return nil }
      state.idle.removeFirst()
      state.served[ObjectIdentifier(channel)] = nil
      state.leaving.insert(ObjectIdentifier(channel))
      return channel
    }
  }

  func leave(_ channel: any Channel, after admission: Admission) {
    state.withLock { state in
      state.idle.removeAll { $0 === channel }
      guard state.leaving.remove(ObjectIdentifier(channel)) == nil else { return }
      if admission == .served { state.served[ObjectIdentifier(channel)] = nil } else { state.refusals -= 1 }
    }
    publish()
  }

  func note(_ channel: any Channel, isIdle: Bool) {
    state.withLock { state in
      state.idle.removeAll { $0 === channel }
      if isIdle { state.idle.append(channel) }
    }
  }

  /// Those that are served now.
  var channels: [any Channel] { state.withLock { Array($0.served.values) } }

  /// Takes room for an answer that is to be sent; returns whether there is any. For a short one there always is.
  func takeRoom(_ length: Int) -> Bool {
    state.withLock { state in
      // One that is larger than all the room goes alone.
      let isShort = length <= bounds.shortLength
      guard isShort || state.unsent == 0 || state.unsent + length <= bounds.unsentLength else { return false }
      state.unsent += isShort ? 0 : length
      return true
    }
  }

  func giveRoom(_ length: Int) {
    guard length > bounds.shortLength else { return }
    state.withLock { $0.unsent -= length }
  }

  private func publish() { statistics.note(connections: state.withLock { $0.served.count + $0.leaving.count }) }
}

/// Tells a conversation that somebody else needs its place.
struct MakeRoom: Sendable {}
