package import Addressing
internal import Synchronization

/// What one sweep contacts, and whom it tells.
///
/// The closures run on the sweeper's own thread and must not block.
package struct Sweep: Sendable {
  /// How it is found out whether anybody answers at an endpoint that is not known.
  package enum Method: Hashable, Sendable {
    case connect
    /// By a SYN of our own making, without a socket for each; who answers it is connected to. Where the process may not
    /// send such (`Sweeper.synObstacle(to:isIPv6:)`), by connections.
    case syn
  }

  package var endpoints: EndpointSet
  /// Decides the order.
  package var seed: UInt64
  /// Endpoints of these that are not contacted this time.
  package var passedOver: Set<Endpoint> = []
  /// Endpoints that are targets: each gets `knownRetries` more tries with `knownTimeout` where the first fails.
  package var known: Set<Endpoint>
  package var connectTimeout: Duration
  package var method = Method.connect
  /// Over how long to stretch the first tries; nil where the rate alone decides.
  package var stretch: Duration?
  /// A lost SYN is sent again after one second (RFC 6298), and a host under load needs longer.
  package var knownTimeout: Duration = .seconds(1)
  package var knownRetries = 2
  /// Before an endpoint is tried again: a service that restarts is back by then.
  package var pause: Duration = .seconds(1)
  /// Takes a connection that is open.
  package var onOpen: @Sendable (OpenConnection) -> Void
  /// Hears why a known endpoint has no connection after the last try; unknown ones are only counted.
  package var onMiss: @Sendable (Endpoint, ConnectFailure) -> Void
  /// Hears the end, once: after every connection was settled, or at once where the sweep is cancelled.
  package var onEnd: @Sendable (SweepSummary) -> Void

  package init(
    endpoints: EndpointSet, seed: UInt64, known: Set<Endpoint>, connectTimeout: Duration,
    onOpen: @escaping @Sendable (OpenConnection) -> Void,
    onMiss: @escaping @Sendable (Endpoint, ConnectFailure) -> Void,
    onEnd: @escaping @Sendable (SweepSummary) -> Void
  ) {
    self.endpoints = endpoints
    self.seed = seed
    self.known = known
    self.connectTimeout = connectTimeout
    self.onOpen = onOpen
    self.onMiss = onMiss
    self.onEnd = onEnd
  }
}

/// What a sweep saw, in numbers of endpoints.
package struct SweepSummary: Sendable, Equatable {
  package enum End: Sendable, Equatable {
    case complete
    case cancelled
    /// This machine could not try every endpoint; the first reason met stands for all.
    case incomplete(LocalFailure)
  }

  package var end = End.complete
  package var opened: UInt64 = 0
  package var refused: UInt64 = 0
  package var timedOut: UInt64 = 0
  package var unreachable: UInt64 = 0
  /// Endpoints that could not be tried for lack of something on this machine.
  package var untried: UInt64 = 0
  /// Endpoints that were not to be contacted.
  package var passedOver: UInt64 = 0

  package init() {}
}

/// A sweep under way.
package final class RunningSweep: Sendable {
  /// How many endpoints the sweep has.
  package let total: UInt64
  let done = Atomic<UInt64>(0)
  /// Until when it stands still because it is stretched, in monotonic nanoseconds.
  let restsUntil = Atomic<UInt64>(0)
  private let stop: @Sendable (RunningSweep) -> Void

  init(total: UInt64, stop: @escaping @Sendable (RunningSweep) -> Void) {
    self.total = total
    self.stop = stop
  }

  /// How many endpoints are settled so far; rises for as long as the sweep is alive.
  package var progress: UInt64 { min(done.load(ordering: .relaxed), total) }

  /// Whether it has nothing to do before the next of its stretched tries.
  package var isResting: Bool { SweepLoop.now() < restsUntil.load(ordering: .relaxed) }

  /// Ends the sweep now: attempts are closed, and `onEnd` hears `.cancelled`.
  package func cancel() { stop(self) }
}
