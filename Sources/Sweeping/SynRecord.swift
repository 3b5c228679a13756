internal import Addressing

/// What a sweep by SYNs remembers of those it has sent: nothing of each but a bit, once a neighbour of it has answered, so
/// that a /8 takes 2 MiB at most.
///
/// An answer is recognised by its sequence number, which is a keyed hash of the endpoint (the idea of SYN cookies, RFC 4987
/// section 3.6): who did not see the SYN guesses it once in four billion tries.
struct SynRecord {
  private let endpoints: EndpointSet
  private let toIPv4: Bool
  private let toIPv6: Bool
  /// Not asked by SYN.
  private let others: AddressSet
  private let salt: UInt64
  /// Whose answer was heard, so that each counts once: a bit for each, in pages that are empty before the first answer.
  private var answered: [[UInt64]]
  /// How many SYNs fall due when.
  private var deadlines = DeadlineQueue<UInt64>()
  private var sent: UInt64 = 0
  private var heard: UInt64 = 0
  /// Of those that fell due, as many as had not answered.
  private var unanswered: UInt64 = 0
  /// Answers that no SYN that fell due was counted for yet.
  private var early: UInt64 = 0

  /// More endpoints are not swept by SYN: at a million a second they would take more than an hour.
  static let mostEndpoints: UInt64 = 1 << 32
  private static let wordsOfPage = 512
  private static let bitsOfPage = UInt64(wordsOfPage * 64)

  /// Of at most `mostEndpoints`.
  init(
    _ endpoints: EndpointSet, toIPv4: Bool = true, toIPv6: Bool = true, except others: AddressSet = AddressSet(),
    salt: UInt64
  ) {
    self.endpoints = endpoints
    self.others = others
    (self.toIPv4, self.toIPv6) = (toIPv4, toIPv6)
    self.salt = salt
    answered = Array(repeating: [], count: Int(min(endpoints.count, Self.mostEndpoints) / Self.bitsOfPage) + 1)
  }

  /// Whether the endpoint is asked by SYN.
  func serves(_ endpoint: Endpoint) -> Bool {
    let address = endpoint.address
    return (address.bitWidth == 32 ? toIPv4 : toIPv6) && !others.contains(address)
  }

  /// The sequence number of the SYN to an endpoint. `Hasher` is SipHash with a key of this process.
  func sequence(for endpoint: Endpoint) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(salt)
    hasher.combine(endpoint)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  mutating func noteSent(_ count: Int, deadline: UInt64) {
    deadlines.append(UInt64(count), deadline: deadline)
    sent += UInt64(count)
  }

  /// Whether an answer is the first from an endpoint that was asked.
  mutating func take(_ answer: SynAnswer) -> Bool {
    guard answer.acknowledged == sequence(for: answer.source) &+ 1, serves(answer.source),
      let index = endpoints.index(of: answer.source),
      markAnswered(index)
    else { return false }
    heard += 1
    early += 1
    return true
  }

  /// Whether it was not marked before.
  private mutating func markAnswered(_ index: UInt64) -> Bool {
    let (page, rest) = index.quotientAndRemainder(dividingBy: Self.bitsOfPage)
    guard page < answered.count else { return false }
    if answered[Int(page)].isEmpty { answered[Int(page)] = Array(repeating: 0, count: Self.wordsOfPage) }
    let (word, bit) = (Int(rest / 64), UInt64(1) << (rest % 64))
    guard answered[Int(page)][word] & bit == 0 else { return false }
    answered[Int(page)][word] |= bit
    return true
  }

  /// How many SYNs, due by now, were not answered.
  mutating func expire(at now: UInt64) -> UInt64 {
    var count: UInt64 = 0
    while let due = deadlines.popDue(at: now) {
      let answeredOnes = min(due, early)
      early -= answeredOnes
      count += due - answeredOnes
    }
    unanswered += count
    return count
  }

  /// When the next fall due.
  var nextDeadline: UInt64? { deadlines.earliest }

  /// Whether none is waited for: each has answered, or has fallen due.
  var isSettled: Bool { deadlines.count == 0 || heard == sent }

  /// Once all are settled: how many have answered after they had been counted as unanswered.
  var late: UInt64 { unanswered + heard - min(sent, unanswered + heard) }
}
