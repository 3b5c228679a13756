package import Addressing
package import Configuration
internal import Glibc
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
  private let onRefusal: @Sendable () -> Void

  /// Throws where this machine has no descriptors left for an event loop. `onRefusal` hears each time that something is to
  /// be left alone from now on, on whatever thread it is found.
  package init(_ limits: SweepLimits, onRefusal: @escaping @Sendable () -> Void = {}) throws(LocalFailure) {
    sweeper = try Sweeper(limits)
    self.onRefusal = onRefusal
  }

  package func adjust(_ limits: SweepLimits) { sweeper.adjust(limits) }

  /// Begins a scan; `body` hears the outcome once. `trace` hears each step of each endpoint, on whatever thread it
  /// happens.
  package func start(
    _ order: ScanOrder, seed: UInt64, trace: (@Sendable (Endpoint, ScanStep) -> Void)? = nil,
    _ body: @escaping @Sendable (ScanOutcome) -> Void
  ) -> RunningSweep {
    // Here, as the threads of a scan must not wait for files.
    order.access.refresh()
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
    sweep.method = order.job.sweep == .syn ? .syn : .connect
    sweep.stretch = order.stretch
    sweep.passedOver = refusals { book, now in
      // A target is asked at each scan, whatever it was before.
      book.barred(of: order.job.endpoints, notPrinters: order.job.notPrinters, now: now)
        .filter { order.known[$0] == nil }
    }
    return sweeper.start(sweep)
  }

  /// What was sent since the scanner was made.
  package var sent: Sent {
    let (connections, syns) = sweeper.sent
    return Sent(connections: connections, syns: syns, requests: prober.requestsSent)
  }

  /// Why a job is not swept in the way that it asks for, as a sentence; nil where it is.
  package static func sweepFault(of job: Job) -> String? {
    guard job.sweep == .syn else { return nil }
    let text = { (obstacle: LocalFailure) in obstacle.errno == EPERM ? "CAP_NET_RAW is missing" : "\(obstacle)" }
    var what = ""
    let lack: String
    if job.endpoints.count > Sweeper.mostEndpointsBySyn {
      lack = "there are more than \(Sweeper.mostEndpointsBySyn) endpoints"
    } else if let obstacle = Sweeper.synObstacle(to: job.endpoints, isIPv6: false) {
      lack = text(obstacle)
    } else if let obstacle = Sweeper.synObstacle(to: job.endpoints, isIPv6: true) {
      lack = text(obstacle)
      if job.endpoints.has(isIPv6: false) { what = "IPv6 " }
    } else {
      return nil
    }
    return
      "job '\(job.name)': cannot sweep \(what)by SYN (\(lack)); it goes on by connections, which find the same and take longer"
  }

  func noteRefusal(_ endpoint: Endpoint, _ kind: Refusals.Refusal.Kind, reason: String, isLenient: Bool) -> Bool {
    defer { onRefusal() }
    return refusals { book, now in book.note(endpoint, kind, reason: reason, isLenient: isLenient, now: now) }
  }

  /// Looks at what is left alone, or changes it.
  func refusals<Result: Sendable>(_ body: (inout Refusals, SuspendingClock.Instant) -> Result) -> Result {
    book.withLock { body(&$0, .now) }
  }
}
