package import Files
internal import Glibc

/// Why the daemon cannot be asked, or cannot listen; `description` is the sentence to show.
package enum ControlError: Error, Hashable, Sendable {
  /// The path of a Unix socket has at most 107 bytes (unix(7)).
  case pathTooLong(String)
  /// Another daemon listens there.
  case taken(String)
  case cannotListen(String, errno: Int32)
  /// A link of another user is in the way.
  case notFollowed(FileError)
  case notRunning(String)
  case denied(String)
  case cannotAsk(String, errno: Int32)
  /// It does not answer in time.
  case busy(String)
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
      "'\(path)' is taken by another subnet-sd, or is in the state directory; give another --runtime-directory"
    case .cannotListen(let path, let errno):
      "cannot listen at '\(path)': \(Self.text(errno))"
    case .notFollowed(let error):
      "cannot listen: \(error)"
    case .notRunning(let path):
      "the daemon is not running: nobody listens at '\(path)'; see 'systemctl status subnet-sd', or give the"
        + " daemon's --runtime-directory"
    case .denied(let path):
      "not permitted to use '\(path)'; only root and the group of the service may ask the daemon"
    case .cannotAsk(let path, let errno):
      "cannot ask the daemon at '\(path)': \(Self.text(errno))"
    case .noReply(let path):
      "the daemon at '\(path)' gave no whole answer: it has stopped, or is of another version"
    case .busy(let path):
      "the daemon at '\(path)' does not answer; see 'systemctl status subnet-sd'"
    case .tooLong:
      "that is too much to ask at once; ask for fewer targets"
    }
  }

  private static func text(_ errno: Int32) -> String {
    unsafe String(cString: strerror(errno))
  }
}
