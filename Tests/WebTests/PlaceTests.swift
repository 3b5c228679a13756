import NIOCore
import Testing

@testable import Web

private let start = NIODeadline.now()

private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

private let one = Peer.v4(1)
private let other = Peer.v4(2)

private func bounds(_ connections: Int) -> Bounds {
  var bounds = Bounds()
  bounds.connections = connections
  return bounds
}

@Suite struct Victims {
  private func places(_ clients: (Int, Peer, Places<Int>.Doing, Int64)..., of connections: Int = 8) -> Places<Int> {
    var places = Places<Int>(bounds(connections))
    for (id, peer, doing, since) in clients {
      places.add(id, peer, now: at(0))
      places.note(id, doing, now: at(since))
    }
    return places
  }

  @Test func theIdleGoFirstThenWhoAsksForLongest() {
    var places = places((1, one, .asking, 1), (2, other, .asking, 0), (3, one, .idle, 5), (4, other, .idle, 4))
    for wanted in [4, 3, 2, 1] {
      let victim = places.victim(for: .v4(3), now: at(9))
      #expect(victim?.id == wanted)
      places.remove(wanted)
    }
    #expect(places.victim(for: .v4(3), now: at(9)) == nil)
  }

  @Test func thenWhoIsSlowestToTakeAnAnswer() {
    var places = places((1, one, .taking, 0), (2, one, .taking, 0), (3, other, .taking, 0), (4, other, .waiting, 0))
    // What the kernel's buffers take at once.
    for id in 1...3 { places.note(id, hasTaken: 10 << 20, now: at(0)) }
    #expect(places.victim(for: .v4(3), now: at(0)) == nil)
    for second in 1..<10 as Range<Int64> {
      places.note(1, hasTaken: 100 << 10, now: at(second))
      places.note(2, hasTaken: 1, now: at(second))
      places.note(3, hasTaken: 300 << 10, now: at(second))
    }
    for wanted in [2, 1] {
      #expect(places.victim(for: .v4(3), now: at(9)) == .init(id: wanted, doing: .taking))
      places.remove(wanted)
    }
    #expect(places.victim(for: .v4(3), now: at(9)) == nil, "it is fast, and the other is not to blame")
    #expect(places.victim(for: .v4(3), now: at(10))?.id == 3, "it has stopped")
  }

  /// With eight places, two are a fair share.
  @Test func whoHasMostGivesUpItsOwn() {
    let places = places(
      (1, one, .asking, 3), (2, one, .asking, 2), (3, one, .asking, 1), (4, other, .idle, 0), (5, other, .asking, 0))
    for peer in [one, other, .v4(3)] { #expect(places.victim(for: peer, now: at(9))?.id == 3) }
  }

  @Test func whoHasMostTakesFromNobodyElse() {
    let places = places((1, one, .waiting, 0), (2, one, .waiting, 0), (3, one, .waiting, 0), (4, other, .idle, 0))
    #expect(places.victim(for: one, now: at(9)) == nil)
    #expect(places.victim(for: .v4(3), now: at(9))?.id == 4)
  }

  @Test func aPeerLeavesPlacesForOthers() {
    var places = places()
    for id in 0..<6 {
      #expect(places.hasPlace(for: one))
      places.add(id, one, now: at(0))
      places.note(id, .waiting, now: at(0))
    }
    #expect(!places.hasPlace(for: one))
    #expect(places.hasPlace(for: other))
    #expect(places.victim(for: one, now: at(9)) == nil)
  }
}

@Suite struct Outboxes {
  private func outbox() -> Outbox<Int> {
    var bounds = Bounds()
    (bounds.unsentLength, bounds.shortLength) = (100, 10)
    return Outbox(bounds)
  }

  private func body(_ byte: UInt8, _ length: Int) -> [UInt8] { Array(repeating: byte, count: length) }

  @Test func manyTakeOneBody() {
    var outbox = outbox()
    for id in 0..<50 { #expect(outbox.take(body(1, 70), .list, for: id, of: one) == body(1, 70)) }
    #expect(outbox.length == 70)
    for id in 0..<49 { outbox.release(id) }
    #expect(outbox.length == 70)
    outbox.release(49)
    #expect(outbox.length == 0)
  }

  @Test func differentOnesShareTheRoomOfTheirKind() {
    var outbox = outbox()
    #expect(outbox.take(body(1, 30), .view, for: 1, of: one) != nil)
    #expect(outbox.take(body(2, 40), .view, for: 2, of: other) != nil)
    #expect(outbox.take(body(3, 35), .view, for: 3, of: one) == nil)
    #expect(outbox.take(body(3, 35), .list, for: 3, of: one) != nil)
    #expect(outbox.take(body(4, 10), .view, for: 4, of: one) != nil, "a short one")
    #expect(outbox.inTheWay(of: 35, .view, one) == [1, 2])
    outbox.release(2)
    #expect(outbox.take(body(3, 35), .view, for: 5, of: one) != nil)
  }

  @Test func whoHasNothingOnItsWayGetsItsFirst() {
    var outbox = outbox()
    let peers = [one, other, .v4(3), .v4(4), .v4(5)]
    let taken = peers.enumerated().map { outbox.take(body(UInt8($0), 80), .view, for: $0, of: $1) != nil }
    #expect(taken == [true, true, true, true, true])
    #expect(outbox.take(body(9, 80), .view, for: 9, of: .v4(6)) == nil, "all of the reserve is taken")
    // Its share is what a peer lacks for a second one: nobody else has to leave for that.
    #expect(outbox.inTheWay(of: 80, .view, one) == [0])
  }

  @Test func aLargeOneGoesAlone() {
    var outbox = outbox()
    #expect(outbox.take(body(1, 500), .list, for: 1, of: one) != nil)
    #expect(outbox.take(body(1, 500), .list, for: 2, of: other) != nil)
    #expect(outbox.take(body(2, 500), .list, for: 3, of: other) == nil)
  }

  @Test func aPeerLeavesRoomForOthers() {
    var outbox = outbox()
    #expect(outbox.take(body(1, 40), .view, for: 1, of: one) != nil)
    #expect(outbox.take(body(2, 40), .view, for: 2, of: one) == nil)
    #expect(outbox.take(body(2, 40), .view, for: 2, of: other) != nil)
  }
}
