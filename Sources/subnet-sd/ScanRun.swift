import Addressing
import Configuration
import Daemon
import Dispatch
import Glibc
import Sweeping

/// The scans of one command, one job after the other.
struct ScanRun {
  private let settings: Settings
  private let scanner: Scanner

  init(_ settings: Settings) throws {
    self.settings = settings
    let concurrency = DescriptorLimit.makeRoom(for: settings.concurrency)
    if concurrency < settings.concurrency {
      complain(
        "the limit of open files leaves room for \(concurrency) connections, not for \(settings.concurrency);"
          + " going on with \(concurrency), raise it with 'ulimit -n'")
    }
    scanner = try Scanner(SweepLimits(rate: settings.rate, concurrency: concurrency))
  }

  /// Scans every job; a signal ends the scan and then, in the way it always does, the process. The endpoints of `known`
  /// get the tries of a target.
  func run(known: Set<Endpoint>) async throws -> [ScanResult] {
    var results: [ScanResult] = []
    let cancellation = Cancellation()
    defer { cancellation.end() }
    for job in settings.jobs {
      let (outcomes, post) = AsyncStream<ScanOutcome>.makeStream()
      let running = scanner.start(job, known: known, seed: .random(in: .min ... .max)) { outcome in
        post.yield(outcome)
        post.finish()
      }
      cancellation.watch(running)
      let progress = ProgressBar(of: running)
      for await outcome in outcomes {
        progress.end()
        cancellation.endProcessIfCancelled(outcome)
        results.append(ScanResult(job: job, outcome: outcome))
      }
    }
    return results
  }
}
