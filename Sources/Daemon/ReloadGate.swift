internal import Web

/// Wishes for a reload, however many: those that come soon after a reload share the next one.
struct ReloadGate {
  typealias Instant = SuspendingClock.Instant
  typealias Reply = @Sendable (Backend.Reload) -> Void

  /// More often than this no reader can follow, and each reload is a line in the journal.
  static let rest = Duration.seconds(1)
  /// Who waits keeps a connection of those that its peer has, and may be one of many behind a proxy: so many are no more
  /// than a fair share of them.
  static let maxReplies = 16
  /// A refusal that says the same as the last one is logged again after this time.
  static let silence = Duration.seconds(60)

  private var replies: [Reply] = []
  private var restEnd: Instant?
  private var logged: (lines: [String], at: Instant)?
  private var isDue = false

  /// Takes a wish; returns how long to wait before `begin`, nil where another wish waits already.
  mutating func ask(_ reply: Reply?, now: Instant) -> Duration? {
    if let reply {
      guard replies.count < Self.maxReplies else {
        reply(.busy)
        return nil
      }
      replies.append(reply)
    }
    guard !isDue else { return nil }
    isDue = true
    return restEnd.map { max(.zero, $0 - now) } ?? .zero
  }

  /// The reload begins: who asks from now on waits for the next one.
  mutating func begin() -> [Reply] {
    isDue = false
    defer { replies = [] }
    return replies
  }

  /// The reload has ended: reloads take a fifth of the loop's time at most.
  mutating func end(began: Instant, now: Instant) { restEnd = now + max(Self.rest, (now - began) * 4) }

  /// Whether a refusal is to be logged.
  mutating func mustLog(_ lines: [String], now: Instant) -> Bool {
    if let logged, logged.lines == lines, now - logged.at < Self.silence { return false }
    logged = (lines, now)
    return true
  }

  /// A configuration was good: the next refusal is news.
  mutating func forgetRefusal() { logged = nil }
}
