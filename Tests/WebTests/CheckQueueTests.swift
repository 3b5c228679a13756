import Testing

@testable import Web

/// A clock that stands where it is put.
private let start = ContinuousClock.now

private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

private func peer(_ number: Int) -> Peer { .v4(UInt32(number)) }

extension CheckQueue {
  /// Joins, and says whether there was a place.
  fileprivate mutating func joins(_ number: Int, _ milliseconds: Int) -> Bool {
    join(peer(number), now: at(milliseconds)).ticket != nil
  }

  /// The number of the peer that is next.
  fileprivate mutating func nextPeer(_ milliseconds: Int) -> Peer? { next(now: at(milliseconds))?.peer }

  /// One wrong guess, made at once.
  fileprivate mutating func guess(_ number: Int, _ milliseconds: Int, took: Int = 0) throws {
    let ticket = try #require(join(peer(number), now: at(milliseconds)).ticket)
    leave(ticket.id)
    settle(ticket, isRight: false, took: .milliseconds(took), now: at(milliseconds + took))
  }

  fileprivate mutating func prove(_ number: Int, _ milliseconds: Int) throws {
    let ticket = try #require(join(peer(number), now: at(milliseconds)).ticket)
    leave(ticket.id)
    settle(ticket, isRight: true, took: .zero, now: at(milliseconds))
  }
}

@Suite struct CheckQueues {
  @Test func whoComesFirstIsNext() {
    var queue = CheckQueue()
    for number in [3, 1, 2] { #expect(queue.joins(number, 0) == true) }
    #expect((0..<4).map { _ in queue.nextPeer(0) } == [peer(3), peer(1), peer(2), nil])
  }

  @Test func aPeerHasFewPlaces() {
    var queue = CheckQueue()
    for _ in 0..<CheckQueue.maxOfPeer { #expect(queue.joins(1, 0) == true) }
    #expect(queue.joins(1, 0) == false)
    #expect(queue.joins(2, 0) == true)
  }

  @Test func afterAWrongPasswordThePeerPausesAndNobodyElse() throws {
    var queue = CheckQueue()
    try queue.guess(1, 0)
    #expect([queue.joins(1, 1), queue.joins(2, 1)] == [true, true])
    #expect(queue.nextPeer(1) == peer(2))
    #expect(queue.nextPeer(249) == nil)
    #expect(queue.nextStart == at(250))
    #expect(queue.nextPeer(250) == peer(1))
  }

  /// A check that takes long is followed by as long a rest: half of a processor, whoever guesses.
  @Test func guessesOfManyPeersTakeHalfOfAProcessor() throws {
    var queue = CheckQueue()
    var busy = 0
    var now = 0
    for number in 0..<50 { #expect(queue.joins(number, 0) == true) }
    while let due = queue.nextStart, now < 20_000 {
      now = max(now, Int((due - start) / .milliseconds(1)))
      guard let ticket = queue.next(now: at(now)) else { continue }
      now += 100
      busy += 100
      queue.settle(ticket, isRight: false, took: .milliseconds(100), now: at(now))
    }
    #expect(busy == 5_000)
    #expect(now >= 2 * busy - 100)
  }

  @Test func othersGuessesDelayNoPeerThatHasProvenItself() throws {
    var queue = CheckQueue()
    try queue.prove(1, 0)
    try queue.guess(2, 0, took: 4_000)
    for number in 3..<9 { #expect(queue.joins(number, 4_000) == true) }
    #expect(queue.joins(1, 4_000) == true)
    #expect(queue.nextPeer(4_000) == peer(1))
    #expect(queue.nextPeer(4_000) == nil)
  }

  @Test func whoHasGuessedWaitsForWhoHasNot() throws {
    var queue = CheckQueue()
    try queue.guess(1, 0)
    #expect([queue.joins(1, 1_000), queue.joins(2, 1_001)] == [true, true])
    #expect(queue.nextPeer(1_001) == peer(2))
    #expect(queue.nextPeer(1_001) == peer(1))
    // But not for ever.
    #expect([queue.joins(1, 2_000), queue.joins(3, 7_001)] == [true, true])
    #expect(queue.nextPeer(7_001) == peer(1))
  }

  @Test func aFullQueueTakesFromWhoHasMost() {
    var queue = CheckQueue()
    for number in 0..<CheckQueue.maxWaiting / 4 {
      for _ in 0..<4 { #expect(queue.joins(number, 0) == true) }
    }
    let (ticket, displaced) = queue.join(peer(1_000), now: at(0))
    #expect(ticket?.peer == peer(1_000))
    #expect(displaced != nil && displaced?.peer != peer(1_000))
  }

  @Test func aFullQueueOfManyPeersTakesNoMore() {
    var queue = CheckQueue()
    for number in 0..<CheckQueue.maxWaiting { #expect(queue.joins(number, 0) == true) }
    #expect(queue.join(peer(1_000), now: at(0)) == (nil, nil))
  }

  @Test func fewPeersAreRemembered() throws {
    var queue = CheckQueue()
    try queue.prove(1, 0)
    try queue.guess(2, 9_000)
    for number in 10..<5_000 {
      try queue.guess(number, 10 + number)
      #expect(queue.peerCount <= CheckQueue.maxPeers)
    }
    // The peer that has proven itself is among them, before those that have not.
    #expect([queue.joins(6_000, 20_000), queue.joins(1, 20_000)] == [true, true])
    #expect(queue.nextPeer(20_000) == peer(1))
  }
}
