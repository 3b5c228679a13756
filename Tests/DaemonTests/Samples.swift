import Configuration
import Dispatch
import Publishing
import Testing

@testable import Daemon

/// The settings of a configuration that is right.
func settings(_ text: String) throws(ConfigurationError) -> Settings {
  try Settings(parsing: Array(text.utf8), file: "config.yml", exporters: exporterPorts)
}

/// The jobs of a configuration as the loop keeps them, before their first scan.
func jobStates(_ text: String) throws -> [JobState] {
  try settings(text).jobs.enumerated().map { id, job in
    let file = try #require(TargetFile(path: "/nowhere/\(job.targetFile)", job: job.name, mode: job.fileMode))
    let timer = OneShotTimer(on: DispatchQueue(label: "test")) {}
    return JobState(id: id, job: job, file: file, timer: timer, now: .now)
  }
}
