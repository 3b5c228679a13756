import Addressing
import ArgumentParser
import Configuration
import Daemon
import Exporters
import Glibc
import Sweeping

/// `subnet-sd check-config`: every mistake of a configuration, or what it asks for.
struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Tell every mistake in a configuration, or count what it scans.",
    discussion: "Contacts nobody and changes nothing. Exit status 78 if there is a mistake.")

  @Argument(
    help: ArgumentHelp("The configuration; \(ConfigurationOption.defaultPath) if not given.", valueName: "file"),
    completion: .file())
  var path = ConfigurationOption.defaultPath

  func run() throws {
    let settings = try Settings.loadOrComplain(path)
    var text = "\(path): \(settings.jobs.count) \(settings.jobs.count == 1 ? "job" : "jobs"), no mistakes\n"
    let secrets = SecretPaths(besideConfiguration: path)
    if let fault = WebAccess(secrets).use(settings.web.configFile) { text += "note: \(fault)\n" }
    for job in settings.jobs {
      text += job.plan(rate: settings.rate)
      if let fault = Access(of: job, secrets).fault { text += "  note: \(fault)\n" }
    }
    try printResult(text.utf8)
  }
}

extension Settings {
  /// Reads a configuration; tells its mistakes on standard error, one a line, and ends with status 78.
  static func loadOrComplain(_ path: String, needsJobs: Bool = true) throws -> Settings {
    do throws(ConfigurationError) {
      return try Settings(readingFile: path, catalogue: .builtIn, needsJobs: needsJobs)
    } catch {
      if case .invalid = error { writeAll("\(error)\n", to: STDERR_FILENO) } else { complain("\(error)") }
      throw ExitCode(ExitStatus.wrongConfiguration.rawValue)
    }
  }
}

extension Job {
  /// What a scan of the job would do, a line for the whole and one for each range.
  func plan(rate: Int) -> String {
    let least = SweepLimits.leastDuration(of: endpoints, rate: rate)
    let ports = endpoints.ports.map(String.init).joined(separator: ", ")
    var text =
      "job '\(name)': \(endpoints.addresses.count) addresses, \(endpoints.count) endpoints on port \(ports),"
      + " a scan takes \(least.prometheusText) at least\n"
    let width = rangeCounts.map(\.text.count).max() ?? 0
    for range in rangeCounts {
      text += "  \(range.text)\(String(repeating: " ", count: width - range.text.count))  \(range.addresses)\n"
    }
    if least > scanInterval {
      text += "  note: longer than scan_interval (\(scanInterval.prometheusText)): scans follow without a pause\n"
    }
    if spread, least < stretch {
      text += "  note: spread: true stretches each scan but the first over \(stretch.prometheusText)\n"
    }
    if scheme == .auto, let demand = tlsDemand {
      text += "  note: scheme: auto means https only, as \(demand.phrase): what speaks plain HTTP is not listed\n"
    }
    if credentials != nil, tls.insecureSkipVerify {
      text += "  note: insecure_skip_verify: true sends the credentials to whatever speaks TLS in the ranges\n"
    }
    if sweep == .syn {
      text += "  note: sweep: syn needs CAP_NET_RAW; a drop-in, syn-sweep.conf, grants it: see subnet-sd.yml(5)\n"
    }
    return text
  }
}
