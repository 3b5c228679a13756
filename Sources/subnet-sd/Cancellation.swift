import Daemon
import Dispatch
import Glibc
import Sweeping
import Synchronization

/// Ctrl-C and SIGTERM during the scans of a command: the scan is cancelled, and then the signal does what it does.
final class Cancellation {
  private let state = State()
  private let signals: Signals
  private static let numbers = [SIGINT, SIGTERM]

  init() {
    signals = Signals(Self.numbers, on: DispatchQueue(label: "signals")) { [state] in state.receive($0) }
  }

  /// The scan that a signal cancels from now on.
  func watch(_ running: RunningSweep) {
    state.watch(running)
  }

  /// Says how far the scan came and dies of the signal, if one came, so that a script that runs this sees it.
  func endProcessIfCancelled(_ outcome: ScanOutcome) {
    guard let number = state.received else { return }
    let total = outcome.settled + outcome.summary.untried
    complain("cancelled after \(outcome.settled) of \(total) endpoints; nothing written")
    end()
    raise(number)
  }

  /// Gives the signals back to the system. Dispatch leaves its handler, and its threads, of which this may be one, block
  /// signals: a program that waits for a slow reader of its output would not die of them.
  func end() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in Self.numbers {
      signal(number, SIG_DFL)
      unsafe sigaddset(&set, number)
    }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private final class State: Sendable {
    private let state = Mutex<(received: Int32?, running: RunningSweep?)>((nil, nil))

    var received: Int32? { state.withLock { $0.received } }

    func receive(_ number: Int32) {
      state.withLock { state in
        state.received = number
        state.running?.cancel()
      }
    }

    func watch(_ running: RunningSweep) {
      state.withLock { state in
        state.running = running
        if state.received != nil { running.cancel() }
      }
    }
  }
}
