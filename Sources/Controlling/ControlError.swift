internal import Glibc

/// Why the daemon cannot be asked, or cannot listen; `description` is the sentence to show.
package enum ControlError: Error, Hashable, Sendable {
  /// The path of a Unix socket has at most 107 bytes (unix(7)).
  case pathTooLong(String)
  /// Another daemon listens there.
  case taken(String)
  case cannotListen(String, errno: Int32)
  case notRunning(String)
  case denied(String)
  case cannotAsk(String, errno: Int32)
  /// What came back is no reply: the daemon is of another version, or stopped while it answered.
  case noReply(String)
  case tooLong
}

extension ControlError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .pathTooLong(let path):
      "'\(path)' is too long for the name of a socket, which has at most 107 bytes; give another --runtime-directory"
    case .taken(let path):
      "another subnet-sd listens at '\(path)'; give each its own --runtime-directory"
    case .cannotListen(let path, let errno):
      "cannot listen at '\(path)': \(Self.text(errno))"
    case .notRunning(let path):
      "the daemon is not running: nobody listens at '\(path)'; see 'systemctl status subnet-sd'"
    case .denied(let path):
      "not permitted to use '\(path)'; only root and the group of the service may ask the daemon"
    case .cannotAsk(let path, let errno):
      "cannot ask the daemon at '\(path)': \(Self.text(errno))"
    case .noReply(let path):
      "the daemon at '\(path)' gave no whole answer; if it is of another version, restart it"
    case .tooLong:
      "that is too much to ask at once; ask for fewer targets"
    }
  }

  private static func text(_ errno: Int32) -> String {
    unsafe String(cString: strerror(errno))
  }
}
