package import Addressing
package import Configuration
internal import Probing
package import Sweeping
internal import Synchronization

/// Scans jobs: leads each connection that a sweep opens to the prober, and gathers what both have to say.
package final class Scanner: Sendable {
  private let sweeper: Sweeper
  private let prober = Prober(version: version)

  /// Throws where this machine has no descriptors left for an event loop.
  package init(_ limits: SweepLimits) throws(LocalFailure) {
    sweeper = try Sweeper(limits)
  }

  package func adjust(_ limits: SweepLimits) { sweeper.adjust(limits) }

  /// Begins a scan of a job in which the endpoints of `known` are targets; `body` hears the outcome once.
  package func start(
    _ job: Job, known: Set<Endpoint>, seed: UInt64, _ body: @escaping @Sendable (ScanOutcome) -> Void
  ) -> RunningSweep {
    let shared = Shared(known: known)
    let clock = ContinuousClock()
    let start = clock.now
    let exporter = job.exporter
    let timeout = job.probeTimeout
    return sweeper.start(
      Sweep(
        endpoints: job.endpoints, seed: seed, known: known, connectTimeout: job.connectTimeout,
        onOpen: { [prober] connection in
          let endpoint = connection.endpoint
          guard let descriptor = connection.takeDescriptor() else { return }
          prober.probe(descriptor: descriptor, of: endpoint, for: exporter, timeout: timeout) { verdict in
            let isWorthATry = shared.findings.withLock { $0.take(verdict, of: endpoint) }
            connection.settle(isWorthATry ? .again : .done)
          }
        },
        onMiss: { endpoint, failure in
          shared.findings.withLock { $0.miss(endpoint, failure) }
        },
        onEnd: { summary in
          let duration = clock.now - start
          body(shared.findings.withLock { $0.outcome(summary, duration: duration) })
        }))
  }

  /// Holds the findings for the closures of one scan: a mutex cannot be copied into them.
  private final class Shared: Sendable {
    let findings: Mutex<Findings>

    init(known: Set<Endpoint>) {
      findings = Mutex(Findings(known: known))
    }
  }
}

extension Job {
  /// The exporter that the job looks for; the configuration has refused names that are not in the catalogue.
  var exporter: Exporter {
    Exporter.catalogue.first { exporters.contains($0.name) } ?? .node
  }
}
