internal import NIOCore

/// Until when a probe waits: for its time-out, and for as long as this machine did not listen to it, up to three time-outs in all.
///
/// A value without a clock, so that every case can be tried.
struct Patience: Sendable {
  enum Step: Hashable, Sendable {
    case wait
    /// Its time is over; `isHeard` unless much of it was lost even so, which says nothing of the peer.
    case end(isHeard: Bool)
  }

  /// With less than this lost what came was heard in time.
  private static let tolerance = TimeAmount.milliseconds(100)

  private(set) var due: NIODeadline
  private let latest: NIODeadline
  private var since: NIODeadline
  private var counted = TimeAmount.zero

  init(_ timeout: TimeAmount, from start: NIODeadline) {
    due = start + timeout
    latest = start + timeout * 3
    since = start
  }

  /// The deadline has come; `lost` is the time since the start in which this machine did not listen.
  mutating func expire(at now: NIODeadline, lost: TimeAmount) -> Step {
    // A deadline that comes late was missed for other work, which may be counted or not.
    let stolen = max(lost - counted, now - due)
    // A peer that had three quarters of the time had its turn.
    guard stolen > Self.tolerance, stolen.nanoseconds > (now - since).nanoseconds / 4 else {
      return .end(isHeard: true)
    }
    guard now < latest else { return .end(isHeard: false) }
    (since, counted) = (now, lost)
    due = min(now + stolen, latest)
    return .wait
  }
}
