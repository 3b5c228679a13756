internal import CCrypt
internal import Dispatch
internal import FoundationEssentials
internal import Synchronization

/// Checks passwords on a thread of its own, as bcrypt takes its time on purpose; `CheckQueue` says in which order.
///
/// A wrong password takes the same time for every name: one check of each cost that a user's hash has.
final class Passwords: Sendable {
  enum Verdict {
    case right
    /// No name and password came, or nothing that could be read.
    case missing
    /// The answer is to be held back for `CheckQueue.pause`, and nothing else waits for that.
    case wrong
    case busy
  }

  private struct Check {
    let user: String
    let password: String
    let users: [String: String]
    let body: @Sendable (Verdict) -> Void
  }

  private struct State {
    var queue = CheckQueue()
    var checks: [Int: Check] = [:]
    /// What was right, by a key of which nothing can be found out, so that a scrape does not cost a hash.
    var proven: Set<Int> = []
    /// Whether `work()` is on its way to the thread.
    var isCalled = false
    var nextCall: ContinuousClock.Instant?
  }

  private let thread = DispatchQueue(label: "passwords")
  private let state = Mutex(State())
  /// How many have proven themselves and need no check: more than a web config file has users.
  private static let maxProven = 1024

  /// `users` are hashes by name; `header` is what the client sent. `body` is called once, at once or on another thread,
  /// unless the check is cancelled. Returns a number to cancel by, nil where nothing waits.
  func check(
    _ header: String?, _ users: [String: String], from peer: Peer, _ body: @escaping @Sendable (Verdict) -> Void
  ) -> Int? {
    guard let header, let (user, password) = Self.credentials(header) else {
      body(.missing)
      return nil
    }
    let key = Self.key(user, password, users[user])
    if users[user] != nil, state.withLock({ $0.proven.contains(key) }) {
      body(.right)
      return nil
    }
    let (ticket, displaced, mustCall) = state.withLock { state -> (CheckQueue.Ticket?, Check?, Bool) in
      let (ticket, displaced) = state.queue.join(peer, now: .now)
      guard let ticket else { return (nil, nil, false) }
      state.checks[ticket.id] = Check(user: user, password: password, users: users, body: body)
      let mustCall = !state.isCalled
      state.isCalled = true
      return (ticket, displaced.flatMap { state.checks.removeValue(forKey: $0.id) }, mustCall)
    }
    displaced?.body(.busy)
    guard let ticket else {
      body(.busy)
      return nil
    }
    if mustCall { thread.async { @Sendable [self] in work() } }
    return ticket.id
  }

  /// The client is gone: its password need not be checked.
  func cancel(_ id: Int) {
    state.withLock { state in
      state.queue.leave(id)
      state.checks[id] = nil
    }
  }

  /// Checks what may be checked now, and comes back when more may.
  private func work() {
    state.withLock { $0.isCalled = false }
    while let (ticket, check) = takeNext() {
      let start = ContinuousClock.now
      let isRight = Self.isRight(check.password, of: check.user, check.users)
      let now = ContinuousClock.now
      state.withLock { state in
        state.queue.settle(ticket, isRight: isRight, took: now - start, now: now)
        guard isRight else { return }
        if state.proven.count >= Self.maxProven { state.proven = [] }
        state.proven.insert(Self.key(check.user, check.password, check.users[check.user]))
      }
      check.body(isRight ? .right : .wrong)
    }
    callAgain()
  }

  private func takeNext() -> (CheckQueue.Ticket, Check)? {
    state.withLock { state in
      while let ticket = state.queue.next(now: .now) {
        if let check = state.checks.removeValue(forKey: ticket.id) { return (ticket, check) }
      }
      return nil
    }
  }

  /// Sees to it that one call comes when the next check may begin.
  private func callAgain() {
    let wait = state.withLock { state -> Duration? in
      guard let start = state.queue.nextStart, state.nextCall.map({ start < $0 }) ?? true else { return nil }
      state.nextCall = start
      return start - .now
    }
    guard let wait else { return }
    let delay = DispatchTimeInterval.milliseconds(max(1, Int((wait / .milliseconds(1)).rounded(.up))))
    thread.asyncAfter(deadline: .now() + delay) { @Sendable [self] in
      state.withLock { $0.nextCall = nil }
      work()
    }
  }

  /// Reads `Basic dXNlcjpwYXNzd29yZA==` (RFC 7617).
  static func credentials(_ header: String) -> (user: String, password: String)? {
    let words = header.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "basic", let bytes = Data(base64Encoded: String(words[1])),
      !bytes.contains(0), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let user = String(validating: bytes[..<colon], as: UTF8.self),
      let password = String(validating: bytes[(colon + 1)...], as: UTF8.self)
    else { return nil }
    return (user, password)
  }

  /// The hashes that a wrong password is compared with: the user's own, if there is one, and one of each other cost.
  static func hashes(for user: String, _ users: [String: String]) -> [String] {
    let own = users[user]
    var others = users.values.reduce(into: [Substring: String]()) { $0[cost($1)] = $1 }
    if let own { others[cost(own)] = nil }
    return [own].compactMap(\.self) + others.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func isRight(_ password: String, of user: String, _ users: [String: String]) -> Bool {
    var hashes = hashes(for: user, users)[...]
    // The own one first: who has the right password learns nothing from a quick answer.
    if let own = users[user], hashes.popFirst() != nil, matches(password, own) { return true }
    for hash in hashes { _ = matches(password, hash) }
    return false
  }

  /// `12` of `$2b$12$…`, as text: two digits.
  private static func cost(_ hash: String) -> Substring { hash.dropFirst(4).prefix(2) }

  static func matches(_ password: String, _ hash: String) -> Bool { unsafe crypt_matches(password, hash) == 1 }

  /// Of this process alone: Swift's hasher has a secret of its own in each.
  private static func key(_ user: String, _ password: String, _ hash: String?) -> Int {
    var hasher = Hasher()
    hasher.combine(user)
    hasher.combine(password)
    hasher.combine(hash)
    return hasher.finalize()
  }
}
