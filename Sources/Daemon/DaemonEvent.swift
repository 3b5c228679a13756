internal import Addressing
internal import Controlling
internal import Naming
internal import Systemd
internal import Web

/// Everything the daemon's loop waits for; timers, signals, scans and operators post it from their own threads.
///
/// Jobs are told by a number that is never used again, so that what a job of the previous configuration posts late is
/// nobody's.
enum DaemonEvent: Sendable {
  case scanDue(job: Int)
  case scanEnded(job: Int, ScanOutcome)
  case named(job: Int, [Address: Answer])
  /// Something was found that is to be left alone from now on.
  case refusalNoted
  case saveDue
  /// What is done for all jobs at once has waited for long enough.
  case choresDue
  /// More jobs are to be published than could be at once.
  case settlingDue
  case watchdogDue
  case asked(ControlRequest, by: UInt32, reply: @Sendable (ControlReply) -> Void)
  /// A client of the web module wants to see something.
  case looked(reply: @Sendable (Snapshot) -> Void)
  case reloadAsked(reply: @Sendable (Backend.Reload) -> Void)
  /// The reload that was asked for may begin.
  case reloadDue
  /// The web module is to try again to listen.
  case listenDue
  /// The web config file was read, with another outcome than before.
  case webConfigRead
  /// The service manager has said which addresses it lets through, or has not answered.
  case filtered(AddressFilter?)
  case hangUp
  case terminate(signal: Int32)
  /// Who had asked over HTTP has his answer.
  case finished
}
