internal import Glibc

/// Why no connection to an endpoint came about, as far as the endpoint or the way to it is the cause.
///
/// What this machine lacked (descriptors, ports, a route) is a `LocalFailure` instead: it says nothing of the endpoint.
package enum ConnectFailure: Hashable, Sendable {
  /// The address answered with a reset: a host lives there, the port is closed.
  case refused
  /// Nothing came back in time.
  case timedOut
  /// A router, or this machine's own neighbour discovery, said that the address cannot be reached.
  case unreachable(errno: Int32)
}

extension ConnectFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused: "connection refused"
    case .timedOut: "no answer to the connection attempt"
    case .unreachable(let errno): "unreachable (\(errorText(errno)))"
    }
  }
}

/// What this machine lacked to try an endpoint, or to hear its answer: a sweep that met one is incomplete.
package enum LocalFailure: Error, Hashable, Sendable {
  case lacking(errno: Int32)
  /// An address of this machine that connections came from was taken away meanwhile, and the answers with it.
  /// A text, for the reason that stands in `Endpoint`.
  case addressLost(String)
  /// A file that is needed to ask the endpoint cannot be used; the sentence says which, and why.
  case noAccess(String)
  /// It was too busy to hear an answer, if there was one.
  case overloaded

  package init(errno: Int32) {
    self = .lacking(errno: errno)
  }

  /// The error number that stands for it.
  package var errno: Int32 {
    switch self {
    case .lacking(let errno): errno
    case .addressLost: EADDRNOTAVAIL
    case .noAccess: EACCES
    case .overloaded: EBUSY
    }
  }
}

extension LocalFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .lacking(let errno): errorText(errno)
    case .addressLost(let address): "this machine lost its address \(address)"
    case .noAccess(let sentence): sentence
    case .overloaded: "this machine was too busy to hear an answer in time"
    }
  }
}

/// What came of one `connect()`.
enum ConnectResult: Equatable {
  case connected
  case inProgress
  case failed(ConnectFailure)
  /// Something that may be back in a moment: the endpoint is tried again.
  case starved(errno: Int32)
  case local(LocalFailure)

  /// Reads what `socket()` or `connect()` itself returned.
  ///
  /// EADDRNOTAVAIL is no shortage: each endpoint is another destination, so ports do not run out, but where IPv6 is
  /// switched off there is no address to connect from. ENETUNREACH here is this machine's routing table speaking;
  /// `isBroadcast` addresses get it too (tcp_v4_connect in the kernel's net/ipv4/tcp_ipv4.c), and there it only means
  /// that no host is there.
  init(immediate errno: Int32, isBroadcast: Bool) {
    switch errno {
    case 0: self = .connected
    case EINPROGRESS: self = .inProgress
    case EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN: self = .starved(errno: errno)
    case ECONNREFUSED: self = .failed(.refused)
    case ETIMEDOUT: self = .failed(.timedOut)
    case EHOSTUNREACH, EHOSTDOWN: self = .failed(.unreachable(errno: errno))
    case ENETUNREACH where isBroadcast, EACCES where isBroadcast: self = .failed(.unreachable(errno: errno))
    default: self = .local(LocalFailure(errno: errno))
    }
  }

  /// Reads the socket's error after the handshake ended: ICMP errors arrive here (icmp_err_convert in the kernel's
  /// net/ipv4/icmp.c, icmpv6_err_convert in net/ipv6/icmp.c). A reset that came after the handshake is told apart from
  /// one instead of it (tcp_reset in net/ipv4/tcp_input.c): the port is open, however short; whoever reads finds the end.
  init(pending errno: Int32) {
    switch errno {
    case 0, ECONNRESET: self = .connected
    case ECONNREFUSED: self = .failed(.refused)
    case ETIMEDOUT: self = .failed(.timedOut)
    case ENETDOWN, ENOBUFS, ENOMEM, EADDRNOTAVAIL: self = .local(LocalFailure(errno: errno))
    default: self = .failed(.unreachable(errno: errno))
    }
  }
}

extension ConnectResult {
  /// Of what `connect()` itself returned: whether anything has left for the endpoint.
  var wasSent: Bool {
    switch self {
    case .connected, .inProgress, .failed(.refused): true
    case .failed, .starved, .local: false
    }
  }
}

/// The C library's sentence for an error number.
func errorText(_ errno: Int32) -> String {
  guard let text = unsafe strerror(errno) else { return "error \(errno)" }
  return unsafe String(cString: text)
}
