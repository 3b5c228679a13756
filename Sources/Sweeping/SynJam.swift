/// Whether SYNs get out of this machine. Those to a next hop that does not answer wait three seconds for it, in the buffer that
/// all SYNs of a family share: two such next hops fill it, and nobody else's get out. Connections each have a buffer of their
/// own, so that for a while they are made instead.
///
/// (Measured: 277 SYNs fill a buffer on one machine, 530 on another, both with 212,992 bytes by net.core.wmem_default; as many
/// fill a neighbour's queue, by unres_qlen_bytes.)
struct SynJam {
  /// Since when there was no room.
  private var since: UInt64?
  /// Until when SYNs are not tried; in monotonic nanoseconds, like every time here.
  private var until: UInt64 = 0

  /// A network that takes what it is sent makes room in less.
  private static let patience: UInt64 = 100_000_000
  /// What waits for a neighbour is dropped after so long.
  private static let pause: UInt64 = 3_000_000_000

  mutating func noteSent() { since = nil }

  /// There was no room.
  mutating func noteRefused(at now: UInt64) {
    let begin = since ?? now
    since = begin
    guard now - begin > Self.patience else { return }
    since = nil
    until = now + Self.pause
  }

  func isOn(at now: UInt64) -> Bool { now < until }
}
