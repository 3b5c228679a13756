internal import Addressing

/// What was answered lately. It has no clock of its own.
struct NameCache {
  typealias Instant = SuspendingClock.Instant

  /// How long an answer holds. glibc does not tell a record's time to live; an hour is what zones commonly say.
  static let lifetime = Duration.seconds(3_600)
  /// How long a failed lookup is not repeated.
  static let failureLifetime = Duration.seconds(300)
  /// As many as a job may have addresses by default; an entry costs some 100 bytes.
  static let maxCount = 65_536

  private struct Entry {
    let answer: Answer
    let expiry: Instant
  }

  private var entries: [Address: Entry] = [:]

  var count: Int { entries.count }

  /// Nil for what has never been asked, or too long ago.
  func answer(for address: Address, at now: Instant) -> Answer? {
    guard let entry = entries[address], now < entry.expiry else { return nil }
    return entry.answer
  }

  /// Where the cache is full, a new address is not kept: it is looked up again when it is asked for again.
  mutating func keep(_ answer: Answer, for address: Address, at now: Instant) {
    guard entries[address] != nil || entries.count < Self.maxCount else { return }
    let lifetime = answer == .unknown ? Self.failureLifetime : Self.lifetime
    entries[address] = Entry(answer: answer, expiry: now.advanced(by: lifetime))
  }

  /// Drops what has expired; so an address that nobody asks for is gone within the hour.
  mutating func prune(at now: Instant) {
    entries = entries.filter { now < $0.value.expiry }
  }
}
