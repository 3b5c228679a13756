package import Addressing

/// Endpoints that are left alone for a while, whatever job they are of: what may be a printer, which prints what it is
/// sent, and what accepts connections and speaks no HTTP, so that it is asked rarely.
///
/// A value without a clock. An endpoint is left alone for an hour after the first time, then for twice as long after each,
/// up to a day; when the time is over it is looked at again, as if it were new.
package struct Refusals: Sendable, Equatable {
  package struct Refusal: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
      case printer, mute
    }

    package let kind: Kind
    package let since: SuspendingClock.Instant
    /// How many times in a row.
    package var count: Int
    package var until: SuspendingClock.Instant
    /// The last reason, as a phrase.
    package var reason: String
  }

  package internal(set) var entries: [Endpoint: Refusal] = [:]
  /// Rises with each change that the next process should know of.
  package internal(set) var revision = 0

  /// Some 10 MiB; in a range where more accept and say nothing, those over the number are asked at each scan.
  static let maxCount = 65_536
  static let shortest = Duration.seconds(3_600)
  static let longest = Duration.seconds(86_400)
  /// What was not looked at for so long after its time is forgotten: no job scans it any more.
  private static let memory = Duration.seconds(7 * 86_400)

  package init() {}

  /// Notes that an endpoint was refused; returns whether that is new. `isLenient` lets one time pass: what closes
  /// connections while it starts is found at the next scan.
  package mutating func note(
    _ endpoint: Endpoint, _ kind: Refusal.Kind, reason: String, isLenient: Bool = false, now: SuspendingClock.Instant
  ) -> Bool {
    let old = entries[endpoint].flatMap { $0.kind == kind ? $0 : nil }
    guard old != nil || entries[endpoint] != nil || entries.count < Self.maxCount else { return false }
    let count = (old?.count ?? 0) + 1
    entries[endpoint] = Refusal(
      kind: kind, since: old?.since ?? now, count: count,
      until: now + Self.pause(after: isLenient ? count - 1 : count), reason: reason)
    revision += 1
    return old == nil
  }

  /// The endpoint was found to be something else.
  package mutating func clear(_ endpoint: Endpoint) {
    guard !entries.isEmpty, entries.removeValue(forKey: endpoint) != nil else { return }
    revision += 1
  }

  /// Forgets what may be refused for another reason by now, as somebody asks for these endpoints in another way.
  package mutating func clearMute(in endpoints: EndpointSet) {
    for (endpoint, refusal) in entries where refusal.kind == .mute && endpoints.contains(endpoint) { clear(endpoint) }
  }

  /// Whether no more can be noted.
  package var isFull: Bool { entries.count >= Self.maxCount }

  /// Whether the endpoint is to be left alone now by somebody who knows that at `notPrinters` no printer is.
  package func bars(_ endpoint: Endpoint, notPrinters: AddressSet, now: SuspendingClock.Instant) -> Bool {
    guard let refusal = entries[endpoint], now < refusal.until else { return false }
    return refusal.kind == .mute || !notPrinters.contains(endpoint.address)
  }

  /// Those of `endpoints` that `bars` leaves alone now. It looks at the endpoints or at the entries, whichever are fewer.
  package func barred(
    of endpoints: EndpointSet, notPrinters: AddressSet, now: SuspendingClock.Instant
  ) -> Set<Endpoint> {
    guard endpoints.count < UInt64(entries.count) else {
      return Set(entries.keys.filter { endpoints.contains($0) && bars($0, notPrinters: notPrinters, now: now) })
    }
    return Set((0..<endpoints.count).map { endpoints[$0] }.filter { bars($0, notPrinters: notPrinters, now: now) })
  }

  /// Forgets what no job has looked at for long.
  package mutating func forgetOld(now: SuspendingClock.Instant) {
    for (endpoint, refusal) in entries where now - refusal.until > Self.memory { clear(endpoint) }
  }

  private static func pause(after count: Int) -> Duration {
    count < 1 ? .zero : min(longest, shortest * (1 << min(count - 1, 8)))
  }
}
