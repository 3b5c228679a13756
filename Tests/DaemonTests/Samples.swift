import Addressing
import Configuration
import Dispatch
import Exporters
import Publishing
import Sweeping
import Testing

@testable import Daemon

/// The settings of a configuration that is right.
func settings(_ text: String) throws(ConfigurationError) -> Settings {
  try Settings(parsing: Array(text.utf8), file: "config.yml", catalogue: .builtIn)
}

/// The jobs of a configuration as the loop keeps them, before their first scan.
func jobStates(_ text: String) throws -> [JobState] {
  try settings(text).jobs.enumerated().map { id, job in
    let file = try #require(TargetFile(path: "/nowhere/\(job.targetFile)", job: job.name, mode: job.fileMode))
    let timer = OneShotTimer(on: DispatchQueue(label: "test")) {}
    return JobState(id: id, job: job, file: file, access: Access(of: job, noSecrets), timer: timer, now: .now)
  }
}

/// Of a configuration that names no files.
let noSecrets = SecretPaths(configuration: "/nowhere/config.yml", credentials: nil)

/// What a scan of the first job of a configuration is to do.
func order(_ text: String, known: [Endpoint: ScanOrder.Known] = [:], secrets: SecretPaths = noSecrets) throws
  -> ScanOrder
{
  let settings = try settings(text)
  return ScanOrder(
    settings.jobs[0], among: settings.catalogue, known: known, access: Access(of: settings.jobs[0], secrets))
}

extension Scanner {
  convenience init() throws { try self.init(SweepLimits(rate: 100_000, concurrency: 64)) }

  /// Scans, and waits for the outcome; `trace` hears each step.
  func scan(_ order: ScanOrder, trace: (@Sendable (Endpoint, ScanStep) -> Void)? = nil) async -> ScanOutcome {
    await withCheckedContinuation { continuation in
      _ = start(order, seed: 1, trace: trace) { continuation.resume(returning: $0) }
    }
  }
}
