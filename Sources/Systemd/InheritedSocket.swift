internal import CSystemd
internal import Glibc

/// A listening socket that the service manager made, as a `.socket` unit says (sd_listen_fds(3)).
package enum InheritedSocket {
  /// The first one, now the caller's, and how many others there were, which are closed; nil where there is none.
  package static func take() -> (descriptor: Int32, others: Int)? {
    let count = sd_listen_fds(1)
    guard count > 0 else { return nil }
    // SD_LISTEN_FDS_START, a macro that Swift does not see as a number.
    let first: Int32 = 3
    var taken: Int32?
    for descriptor in first..<first + count {
      if taken == nil, sd_is_socket(descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) > 0 {
        taken = descriptor
      } else {
        close(descriptor)
      }
    }
    return taken.map { ($0, Int(count) - 1) }
  }
}
