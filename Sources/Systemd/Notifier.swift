internal import CSystemd
internal import Glibc

/// Tells the service manager how the daemon is: the notify protocol of sd_notify(3).
///
/// Without a `$NOTIFY_SOCKET` nothing is sent and nothing fails.
package struct Notifier: Sendable {
  private let send: @Sendable (String) -> Void

  /// `send` takes the lines of one datagram; tests pass their own.
  package init(send: @escaping @Sendable (String) -> Void) {
    self.send = send
  }

  /// Sends through libsystemd.
  package static let systemd = Notifier { lines in
    _ = unsafe sd_notify(0, lines)
  }

  /// Start-up, or a reload, is finished.
  package func ready(status: String) { send("READY=1\nSTATUS=\(Self.line(status))") }

  /// A reload begins. The time tells systemd 253 and later which READY=1 belongs to it.
  package func reloading() {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)")
  }

  /// The daemon is on its way out.
  package func stopping() { send("STOPPING=1\nSTATUS=Stopping") }

  /// One sentence for `systemctl status`.
  package func status(_ sentence: String) { send("STATUS=\(Self.line(sentence))") }

  /// Start-up failed for good; `systemctl status` shows the sentence and the error.
  package func failed(status: String, errno: Int32) { send("STATUS=\(Self.line(status))\nERRNO=\(errno)") }

  /// The daemon makes progress.
  package func watchdog() { send("WATCHDOG=1") }

  /// Of a datagram of more than 4096 bytes (NOTIFY_BUFFER_MAX) systemd takes nothing, READY=1 included; a person reads
  /// less.
  private static let maxSentenceLength = 2_000

  /// A sentence as the value of one line of a datagram: no line feed in it can begin another, and its end is cut off
  /// where it is too long.
  private static func line(_ sentence: String) -> String {
    let line = String(sentence.map { $0.isNewline ? " " : $0 })
    guard line.utf8.count > maxSentenceLength else { return line }
    var length = 0
    return line.prefix {
      length += $0.utf8.count
      return length <= maxSentenceLength
    } + "…"
  }

  /// How often the service manager wants to hear of progress at least (`WatchdogSec=`), nil where it does not.
  package static func watchdogInterval() -> Duration? {
    var microseconds: UInt64 = 0
    guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return .microseconds(Int64(clamping: microseconds))
  }
}
