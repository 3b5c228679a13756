import Daemon
import Dispatch
import Glibc
import Sweeping
import Synchronization

/// Ctrl-C and SIGTERM during a scan: the scan is cancelled, and then the signal does what it does.
final class Cancellation {
  private let received = Received()
  private let signals: Signals

  init(of running: RunningSweep) {
    signals = Signals([SIGINT, SIGTERM], on: DispatchQueue(label: "signals")) { [received] number in
      received.signal.store(number, ordering: .relaxed)
      running.cancel()
    }
  }

  private final class Received: Sendable {
    let signal = Atomic<Int32>(0)
  }

  /// Says how far the scan came and dies of the signal, so that a script that runs this sees it.
  func endProcessIfCancelled(_ outcome: ScanOutcome) {
    let number = received.signal.load(ordering: .relaxed)
    guard number != 0, outcome.summary.end == .cancelled else { return }
    complain(
      "cancelled after \(outcome.settled) of \(outcome.settled + outcome.summary.untried) endpoints; nothing written")
    signal(number, SIG_DFL)
    // Dispatch blocks signals in its threads, of which this may be one.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(number)
  }
}
