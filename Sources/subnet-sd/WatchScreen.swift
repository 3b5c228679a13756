import Glibc

/// A terminal on which the same thing is drawn again and again, each time over the last.
///
/// Nothing of the terminal is changed that somebody would have to change back: Ctrl-C may come at any moment.
struct WatchScreen {
  static let interval = Duration.seconds(2)

  private var isClear = false

  /// Draws lines, cut to the terminal; what does not fit is counted in the last one.
  mutating func draw(_ lines: [String]) {
    let (width, height) = (Terminal.width(STDOUT_FILENO), Terminal.height(STDOUT_FILENO))
    var shown = lines
    // The last row stays free, or the terminal would scroll.
    if lines.count > height - 1 {
      shown = Array(lines.prefix(max(0, height - 2))) + ["… \(lines.count - max(0, height - 2)) lines more"]
    }
    var text = isClear ? "\u{1B}[H" : "\u{1B}[2J\u{1B}[H"
    isClear = true
    for line in shown { text += "\(line.prefix(width))\u{1B}[K\n" }
    writeAll("\(text)\u{1B}[J", to: STDOUT_FILENO)
  }

  /// The time of day, as the machine's people write it.
  static var now: String {
    var seconds = time(nil)
    var parts = unsafe tm()
    guard unsafe localtime_r(&seconds, &parts) != nil else { return "" }
    let two = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
    return unsafe "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }
}
