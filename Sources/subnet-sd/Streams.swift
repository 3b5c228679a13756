import ArgumentParser
import Glibc

/// Says something that is not the result: to standard error, with the command's name.
func complain(_ sentence: String) {
  writeAll("subnet-sd: \(sentence)\n", to: STDERR_FILENO)
}

/// Writes the result to standard output. A reader that has seen enough (`| head`) is no failure worth a word.
func printResult(_ bytes: some Sequence<UInt8>) throws {
  let errno = writeAll(bytes, to: STDOUT_FILENO)
  guard errno != 0 else { return }
  if errno != EPIPE { unsafe complain("cannot write to standard output: \(String(cString: strerror(errno)))") }
  throw ExitCode.failure
}

@discardableResult
func writeAll(_ text: String, to descriptor: Int32) -> Int32 { writeAll(text.utf8, to: descriptor) }

/// Writes everything, however many calls it takes; returns 0 or an errno.
private func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Int32 {
  var rest = Array(bytes)[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno != EINTR { return errno }
    rest = rest.dropFirst(max(count, 0))
  }
  return 0
}

/// What a person sees where output goes to a terminal.
enum Terminal {
  static func isThere(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether output may be coloured (no-color.org).
  static func hasColours(_ descriptor: Int32) -> Bool {
    isThere(descriptor) && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
  }

  /// Columns of the terminal, 80 where it does not say.
  static func width(_ descriptor: Int32) -> Int { size(descriptor).map { Int($0.ws_col) } ?? 80 }

  /// Rows of the terminal, 24 where it does not say.
  static func height(_ descriptor: Int32) -> Int { size(descriptor).map { Int($0.ws_row) } ?? 24 }

  private static func size(_ descriptor: Int32) -> winsize? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return size
  }
}
