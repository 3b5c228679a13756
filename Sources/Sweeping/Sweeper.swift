package import Addressing
internal import Dispatch
internal import Synchronization

/// Bounds that all sweeps share.
package struct SweepLimits: Sendable, Equatable {
  /// Connection attempts a second.
  package var rate: Int
  /// Connections in flight, those being probed included.
  package var concurrency: Int

  package init(rate: Int, concurrency: Int) {
    self.rate = rate
    self.concurrency = concurrency
  }

  /// How long a sweep takes if it has the whole rate and nobody has to be waited for; networks that this machine is
  /// attached to are paced by its neighbour table.
  package static func leastDuration(of endpoints: EndpointSet, rate: Int) -> Duration {
    let attached = AttachedNetworks.current().map { $0.count(of: endpoints.addresses) } ?? 0
    let byRate = Double(endpoints.count) / Double(max(rate, 1))
    let byNeighbours = NeighbourTable.leastTime(
      addresses: UInt64(clamping: attached), ports: endpoints.ports.count, size: NeighbourTable.size)
    return .seconds(Int(min(max(byRate, byNeighbours / 1e9).rounded(.up), 1e15)))
  }
}

/// Finds out which endpoints accept a connection: one epoll loop, on a thread of its own, for all sweeps.
///
/// It keeps to one rate and one number of connections over all of them, takes turns between them, and never has two
/// connections to one endpoint. It does not know what is done with an open connection.
package final class Sweeper: Sendable {
  private let inbox: Inbox

  package init(_ limits: SweepLimits) throws(LocalFailure) {
    let inbox = try Inbox()
    // Made here so that a lack of descriptors is an error of this call; the mutex only carries it over to the thread.
    let made = Mutex<SweepLoop?>(try SweepLoop(inbox: inbox, limits: limits))
    self.inbox = inbox
    DispatchQueue(label: "sweep").async { @Sendable in
      guard var loop = made.withLock({ $0.take() }) else { return }
      loop.run()
    }
  }

  deinit { inbox.post(.quit) }

  /// Begins a sweep; what it finds is told to the sweep's closures.
  package func start(_ sweep: Sweep) -> RunningSweep {
    let running = RunningSweep(total: sweep.endpoints.count) { [inbox] in inbox.post(.cancel($0)) }
    inbox.post(.start(sweep, running))
    return running
  }

  /// Finds out whether an endpoint accepts connections, beside the sweeps, at the rate of all and ahead of them: for
  /// whoever holds an open connection and has to know more of its address first. There are three tries of `timeout` each
  /// if nothing answers.
  package func knock(at endpoint: Endpoint, timeout: Duration, _ body: @escaping @Sendable (KnockResult) -> Void) {
    inbox.post(.knock(Knock(endpoint: endpoint, timeout: timeout.nanoseconds, body: body)))
  }

  /// What the sweeper has sent since it was made.
  package var sent: (connections: UInt64, syns: UInt64) {
    (inbox.attempts.load(ordering: .relaxed), inbox.syns.load(ordering: .relaxed))
  }

  /// Why this process can send no SYNs by itself to the endpoints of one family now, for want of CAP_NET_RAW for instance; nil
  /// where it can, or where there are none.
  package static func synObstacle(to endpoints: EndpointSet, isIPv6: Bool) -> LocalFailure? {
    endpoints.has(isIPv6: isIPv6) ? SynLine.obstacle(isIPv6: isIPv6) : nil
  }

  /// With more endpoints a sweep is made by connections, whatever its method.
  package static let mostEndpointsBySyn = SynRecord.mostEndpoints

  /// Connections that are being opened or are open, knocks included.
  package var inFlight: Int { inbox.inFlight.load(ordering: .relaxed) }

  /// Changes the bounds of sweeps under way and to come.
  package func adjust(_ limits: SweepLimits) {
    inbox.post(.adjust(limits))
  }
}
