package import Addressing
internal import Dispatch
internal import Synchronization

/// Finds the host names of addresses and remembers them: an hour where the DNS has answered, five minutes where it
/// failed.
///
/// Lookups block, so each worker has a thread of its own; there are at most `width`, and none while nothing is asked.
/// Calls may come from any thread, and share the lookups of what they have in common. A resolver that is let go still
/// answers the calls that it has taken.
package final class Resolver: Sendable {
  private let width: Int
  private let now: @Sendable () -> SuspendingClock.Instant
  private let lookup: @Sendable (Address) -> Answer
  private let lookups = Mutex(LookupQueue())

  /// Asks the system's resolver: what nsswitch.conf(5) says, as a rule /etc/hosts and then the DNS.
  package convenience init() {
    self.init(lookup: SystemLookup.answer)
  }

  /// `lookup` may block; at most `width` run at once.
  package init(
    width: Int = 4, now: @escaping @Sendable () -> SuspendingClock.Instant = { .now },
    lookup: @escaping @Sendable (Address) -> Answer
  ) {
    precondition(width > 0, "somebody has to look up")
    self.width = width
    self.now = now
    self.lookup = lookup
  }

  /// Looks up what is not remembered; then `body` hears of every address, once.
  ///
  /// `body` runs asynchronously, on a thread of the resolver's, also where there is nothing to look up; it should be
  /// short, as lookups wait for it. Where the resolver fails, it comes when eight lookups have failed in a row, four at
  /// a time; what has not been asked by then is `unknown`, until the next call.
  package func resolve(_ addresses: Set<Address>, _ body: @escaping @Sendable ([Address: Answer]) -> Void) {
    let (start, finished) = lookups.withLock { $0.add(addresses, width: width, at: now(), body) }
    if let finished {
      onThread { finished.body(finished.answers) }
    }
    for _ in 0..<start {
      onThread { self.work() }
    }
  }

  private func work() {
    while let address = lookups.withLock({ $0.next() }) {
      let answer = lookup(address)
      for call in lookups.withLock({ $0.hear(answer, for: address, at: now()) }) {
        call.body(call.answers)
      }
    }
  }

  private func onThread(_ body: @escaping @Sendable () -> Void) {
    // A serial queue of its own gets a thread at once, however many others are blocked; a concurrent one would wait.
    DispatchQueue(label: "names").async { @Sendable in body() }
  }
}
