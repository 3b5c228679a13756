package import Addressing
internal import Configuration
internal import Inventory
internal import Probing
package import Sweeping
internal import Synchronization

/// Scans jobs: leads each connection that a sweep opens through an inquiry, and gathers what comes of it.
package final class Scanner: Sendable {
  let sweeper: Sweeper
  let prober = Prober(version: version)
  /// What is left alone for now, whatever job it is of.
  private let book = Mutex(Refusals())

  /// Throws where this machine has no descriptors left for an event loop.
  package init(_ limits: SweepLimits) throws(LocalFailure) {
    sweeper = try Sweeper(limits)
  }

  package func adjust(_ limits: SweepLimits) { sweeper.adjust(limits) }

  /// Begins a scan; `body` hears the outcome once. `trace` hears each step of each endpoint, on whatever thread it
  /// happens.
  package func start(
    _ order: ScanOrder, seed: UInt64, trace: (@Sendable (Endpoint, ScanStep) -> Void)? = nil,
    _ body: @escaping @Sendable (ScanOutcome) -> Void
  ) -> RunningSweep {
    let scan = JobScan(order, of: self, trace: trace)
    let clock = ContinuousClock()
    let start = clock.now
    var sweep = Sweep(
      endpoints: order.job.endpoints, seed: seed, known: Set(order.known.keys),
      connectTimeout: order.job.connectTimeout,
      onOpen: { scan.opened($0) },
      onMiss: { scan.missed($0, $1) },
      onEnd: { body(scan.outcome($0, duration: clock.now - start)) })
    sweep.knownRetries = order.retries
    sweep.passedOver = refusals { book, now in
      // A target is asked at each scan, whatever it was before.
      book.barred(clearing: order.job.notPrinters, now: now).filter { order.known[$0] == nil }
    }
    return sweeper.start(sweep)
  }

  /// Looks at what is left alone, or changes it.
  func refusals<Result: Sendable>(_ body: (inout Refusals, SuspendingClock.Instant) -> Result) -> Result {
    book.withLock { body(&$0, .now) }
  }
}
