internal import CCrypt
internal import Dispatch
internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// Checks who asks, on a thread of its own: a hash is made to take its time.
final class Passwords: Sendable {
  enum Verdict { case right, wrong, busy }

  private let queue = DispatchQueue(label: "passwords")
  private let state = Mutex(State())
  /// How many may wait to be checked.
  private let maxWaiting: Int

  private struct State {
    var waiting = 0
    /// What was right, by a key of which nothing can be found out, so that a scrape does not cost a hash.
    var proven: Set<Int> = []
  }

  private static let maxProven = 256
  /// Microseconds: guessing is no faster than this, and leaves the processor to others.
  private static let pauseAfterWrong: UInt32 = 250_000

  init(maxWaiting: Int) {
    self.maxWaiting = maxWaiting
  }

  /// `users` are hashes by name; `header` is what the client sent. `body` is called at once, or on another thread.
  func check(_ header: String?, _ users: [String: String], _ body: @escaping @Sendable (Verdict) -> Void) {
    guard let header, let (user, password) = Self.credentials(header) else { return body(.wrong) }
    let hash = users[user]
    let key = Self.key(user, password, hash)
    if hash != nil, state.withLock({ $0.proven.contains(key) }) { return body(.right) }
    let mayWait = state.withLock { state in
      guard state.waiting < maxWaiting else { return false }
      state.waiting += 1
      return true
    }
    guard mayWait else { return body(.busy) }
    queue.async { @Sendable [self] in
      // For a user who is not there it takes as long as for one who is, so that one cannot find out who is.
      let isRight =
        Self.matches(password, hash ?? users.values.max { Self.cost($0) < Self.cost($1) } ?? "") && hash != nil
      state.withLock { state in
        state.waiting -= 1
        guard isRight else { return }
        if state.proven.count >= Self.maxProven { state.proven = [] }
        state.proven.insert(key)
      }
      body(isRight ? .right : .wrong)
      // The answer is out; it is the queue, with whatever is guessed next, that waits.
      if !isRight { usleep(Self.pauseAfterWrong) }
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
