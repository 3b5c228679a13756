import Dispatch
import Glibc
import Sweeping
import Synchronization

/// A line on standard error that shows how far a scan is; nothing where that is no terminal.
final class ProgressBar {
  private let timer: (any DispatchSourceTimer)?
  private let pen = Pen()

  init(of sweep: RunningSweep) {
    guard Terminal.isThere(STDERR_FILENO) else {
      timer = nil
      return
    }
    let clock = ContinuousClock()
    let start = clock.now
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress"))
    self.timer = timer
    timer.schedule(deadline: .now() + .milliseconds(100), repeating: .milliseconds(100))
    timer.setEventHandler { @Sendable [pen] in
      let width = Terminal.width(STDERR_FILENO)
      pen.draw(Self.line(done: sweep.progress, of: sweep.total, after: clock.now - start, width: width))
    }
    timer.activate()
  }

  /// Clears the line; nothing is drawn after this returns.
  func end() {
    guard let timer else { return }
    timer.cancel()
    pen.lift()
  }

  /// Draws until it is lifted, whoever asks.
  private final class Pen: Sendable {
    private let isLifted = Mutex(false)

    func draw(_ line: String) {
      isLifted.withLock { isLifted in
        if !isLifted { writeAll("\r\(line)\u{1B}[K", to: STDERR_FILENO) }
      }
    }

    func lift() {
      isLifted.withLock { isLifted in
        isLifted = true
        writeAll("\r\u{1B}[K", to: STDERR_FILENO)
      }
    }
  }

  /// `[#####     ]  50 %  4321 of 8642 endpoints  1024/s  4 s left`, cut to `width`.
  static func line(done: UInt64, of total: UInt64, after elapsed: Duration, width: Int) -> String {
    let share = total == 0 ? 1 : Double(done) / Double(total)
    let seconds = elapsed / .seconds(1)
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let left = rate > 0 ? " \(Int((Double(total - min(done, total)) / rate).rounded(.up))) s left" : ""
    let numbers = " \(Int(share * 100)) %  \(done) of \(total) endpoints  \(Int(rate))/s \(left)"
    let room = max(0, min(40, width - numbers.count - 3))
    let filled = min(room, Int(share * Double(room)))
    let bar = "[" + String(repeating: "#", count: filled) + String(repeating: " ", count: room - filled) + "]"
    return String((bar + numbers).prefix(max(0, width - 1)))
  }
}
