import Addressing
import Configuration
import Daemon
import Dispatch
import Glibc
import Inventory
import Naming
import Sweeping

/// The scans of one command, one job after the other.
struct ScanRun {
  private let settings: Settings
  private let secrets: SecretPaths
  private let scanner: Scanner

  init(_ settings: Settings, _ secrets: SecretPaths) throws {
    self.settings = settings
    self.secrets = secrets
    let concurrency = DescriptorLimit.makeRoom(for: settings.concurrency)
    if concurrency < settings.concurrency {
      complain(
        "the limit of open files leaves room for \(concurrency) connections, not for \(settings.concurrency);"
          + " going on with \(concurrency), raise it with 'ulimit -n'")
    }
    scanner = try Scanner(SweepLimits(rate: settings.rate, concurrency: concurrency))
  }

  /// Scans every job; the endpoints of `known` get the tries of a target.
  func run(known: [Endpoint: ScanOrder.Known]) async throws -> [ScanResult] {
    var results: [ScanResult] = []
    for job in settings.jobs {
      if let fault = Scanner.sweepFault(of: job) { complain(fault) }
      results.append(
        try await run(ScanOrder(job, among: settings.catalogue, known: known, access: Access(of: job, secrets))))
    }
    return results
  }

  /// Scans one job; a signal ends the scan and then, in the way it always does, the process. `trace` hears each step.
  func run(_ order: ScanOrder, trace: (@Sendable (Endpoint, ScanStep) -> Void)? = nil) async throws -> ScanResult {
    let cancellation = Cancellation()
    defer { cancellation.end() }
    let (outcomes, post) = AsyncStream<ScanOutcome>.makeStream()
    let sentBefore = scanner.sent
    let running = scanner.start(order, seed: .random(in: .min ... .max), trace: trace) { outcome in
      post.yield(outcome)
      post.finish()
    }
    cancellation.watch(running)
    let progress = trace == nil ? ProgressBar(of: running) : nil
    for await outcome in outcomes {
      progress?.end()
      cancellation.endProcessIfCancelled(outcome)
      return ScanResult(
        job: order.job, outcome: outcome, sent: scanner.sent - sentBefore,
        hostnames: await hostnames(outcome, order.job))
    }
    preconditionFailure("a scan has an outcome")
  }

  /// What the DNS calls the targets that were found, if the job wants to know.
  private func hostnames(_ outcome: ScanOutcome, _ job: Job) async -> [Address: String] {
    guard job.targetLabels.contains(.hostname) else { return [:] }
    let addresses = Set(outcome.report.seen.keys.map(\.address))
    return await withCheckedContinuation { continuation in
      Resolver().resolve(addresses) { answers in
        continuation.resume(
          returning: answers.compactMapValues { answer in if case .name(let name) = answer { name } else { nil } })
      }
    }
  }
}
