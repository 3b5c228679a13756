import Addressing
import ArgumentParser
import Configuration
import Daemon
import Exporters
import Glibc
import Inventory
import Publishing
import Sweeping

/// `subnet-sd scan`: one scan, without a daemon.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Scan once and show what is there.",
    discussion: """
      A RANGE is an address (172.16.4.7), a prefix (10.8.0.0/22, fd00:1::/120), a span (10.9.0.10-10.9.0.40) or octet \
      ranges (10.0.1-9.1-99). Without a RANGE, the jobs of the configuration are scanned. On a terminal the result is \
      a table, in a pipe or a file it is what Prometheus reads by file_sd_configs:
        subnet-sd scan 10.0.1-9.1-99
        subnet-sd scan 10.0.1-9.1-99 --output service_discovery.yml
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case yaml, json, table
  }

  @Argument(help: ArgumentHelp("What to scan.", valueName: "range"))
  var ranges: [String] = []

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "A configuration: its jobs, or with a RANGE its 'global' part.",
      discussion: "If not given: \(ConfigurationOption.defaultPath), for a RANGE if there is one.", valueName: "file"),
    completion: .file())
  var config: String?

  @Option(help: ArgumentHelp("Only this job of the configuration.", valueName: "name"))
  var job: String?

  @Option(
    help:
      ArgumentHelp(
        "What to look for in a RANGE: a name of 'subnet-sd exporters', or any.", discussion: "Default: node_exporter.",
        valueName: "name"),
    completion: .list(["any"] + Catalogue.builtIn.exporters.map(\.name)))
  var exporter: [String] = []

  @Option(help: ArgumentHelp("The ports to try in a RANGE, instead of the exporter's.", valueName: "port"))
  var port: [Int] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Replace this file atomically, if its content differs; not for one that the daemon keeps.",
      discussion: "Ends in .yml, .yaml or .json.",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: "How to show the result.")
  var format: Format?

  @Flag(help: "Count what would be contacted, and contact nobody.")
  var dryRun = false

  func validate() throws {
    if ranges.isEmpty, !exporter.isEmpty || !port.isEmpty {
      throw ValidationError("--exporter and --port go with a RANGE; a job of a configuration has its own")
    }
    if !ranges.isEmpty, job != nil {
      throw ValidationError("--job goes with a configuration's jobs; leave out the RANGE")
    }
    if let output, TargetFileFormat(path: output) == nil {
      throw ValidationError("'\(output)' does not end in .yml, .yaml or .json, and Prometheus reads nothing else")
    }
    if ranges.isEmpty, config == nil, unsafe access(ConfigurationOption.defaultPath, F_OK) != 0 {
      throw ValidationError(
        "give a RANGE, such as 127.0.0.1 or 10.0.1-9.1-99, or a --config; there is no \(ConfigurationOption.defaultPath)"
      )
    }
    if output != nil, format != nil {
      throw ValidationError("--format is for standard output; the name of the --output file tells its format")
    }
  }

  func run() async throws {
    let settings = try settings()
    if dryRun { return try printResult(settings.jobs.map { $0.plan(rate: settings.rate) }.joined().utf8) }
    let file = try output.flatMap { try OutputFile($0, for: settings.jobs) }
    let secrets = SecretPaths(besideConfiguration: config ?? ConfigurationOption.defaultPath)
    let results = try await ScanRun(settings, secrets).run(known: file?.known ?? [:])
    if let file { try file.write(results) } else { try show(results) }
    for result in results {
      // What the file listed with https, and does no more.
      for (endpoint, reason) in result.outcome.report.plain.sorted(by: { $0.key < $1.key }) {
        complain("\(endpoint) \(reason)")
      }
      complain(result.summary)
    }
    if !results.allSatisfy(\.isComplete) { throw ExitCode.failure }
  }

  private func settings() throws -> Settings {
    if !ranges.isEmpty { return try adHoc(over: try globalPart()) }
    var settings = try Settings.loadOrComplain(config ?? ConfigurationOption.defaultPath)
    guard let job else { return settings }
    guard let chosen = settings.jobs.first(where: { $0.name == job }) else {
      let names = settings.jobs.map { "'\($0.name)'" }.joined(separator: ", ")
      complain("there is no job '\(job)'; the configuration has \(names)")
      throw ExitCode.validationFailure
    }
    settings.jobs = [chosen]
    return settings
  }

  /// What `global` says holds for ranges of the command line too: what it excludes is never contacted.
  private func globalPart() throws -> Settings {
    if config == nil, unsafe access(ConfigurationOption.defaultPath, F_OK) != 0 { return Settings() }
    return try Settings.loadOrComplain(config ?? ConfigurationOption.defaultPath, needsJobs: false)
  }

  private func adHoc(over base: Settings) throws -> Settings {
    do throws(ConfigurationError) {
      return try Settings(ranges: ranges, ports: port, exporters: exporter, catalogue: .builtIn, over: base)
    } catch {
      for line in error.description.split(separator: "\n") { complain("\(line)") }
      throw ExitCode.validationFailure
    }
  }

  private func show(_ results: [ScanResult]) throws {
    switch format ?? (Terminal.isThere(STDOUT_FILENO) ? .table : .yaml) {
    case .table: try printResult(results.table(isColoured: Terminal.hasColours(STDOUT_FILENO)).utf8)
    case .yaml: try printResult(TargetFileFormat.yaml.render(results.flatMap(\.groups)))
    case .json: try printResult(TargetFileFormat.json.render(results.flatMap(\.groups)))
    }
  }
}
