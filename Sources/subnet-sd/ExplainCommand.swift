import Addressing
import ArgumentParser
import Configuration
import Controlling
import Daemon
import Exporters
import Glibc
import Publishing
import Sweeping

/// `subnet-sd explain`: every step of one endpoint's verdict.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show each step by which an endpoint is judged, and what the target file would say.",
    discussion: """
      Contacts the endpoint as a scan does, once, and shows each step with the time since the beginning: which range or \
      exclude applies, whether it may be a printer, what it was asked and what it answered. What a configuration \
      excludes is not contacted, nor what the running daemon leaves alone as it may print what it is sent. Without a \
      port: those of the jobs that scan the address, else 9100.
        subnet-sd explain 10.0.1.7
        subnet-sd explain '[fd00:1::7]:9100'
      """)

  @Argument(help: ArgumentHelp("An address, or an address and a port.", valueName: "address[:port]"))
  var subject: String

  @OptionGroup var config: ConfigurationOption

  @OptionGroup var runtime: RuntimeOption

  func validate() throws {
    if Endpoint(subject) == nil, Address(subject) == nil {
      throw ValidationError("'\(subject)' is no address; write one such as 10.0.1.7 or 10.0.1.7:9100")
    }
  }

  func run() async throws {
    let endpoint = Endpoint(subject)
    guard let address = endpoint?.address ?? Address(subject) else { throw ExitCode.validationFailure }
    let settings = try settings()
    var explanations = settings.jobs.flatMap { Explanation.all(of: address, port: endpoint?.port, in: $0) }
    if explanations.isEmpty { explanations = [try stranger(address, port: endpoint?.port, over: settings)] }
    for (number, explanation) in explanations.enumerated() {
      if number > 0 { try printResult("\n".utf8) }
      try await explanation.run(settings, config.secrets, ControlClient(directory: runtime.directory.path))
    }
  }

  private func settings() throws -> Settings {
    if config.path == nil, unsafe access(ConfigurationOption.defaultPath, F_OK) != 0 { return Settings() }
    return try Settings.loadOrComplain(config.pathOrDefault, needsJobs: false)
  }

  /// An address that no job has in its ranges is asked as `subnet-sd scan` would.
  private func stranger(_ address: Address, port: UInt16?, over base: Settings) throws -> Explanation {
    if let span = base.defaults.exclude.first(where: { AddressSet([$0]).contains(address) }) {
      return Explanation(subject: "\(address)", situation: .excluded(by: span))
    }
    do throws(ConfigurationError) {
      let settings = try Settings(
        ranges: ["\(address)"], ports: port.map { [Int($0)] } ?? [], catalogue: .builtIn, over: base)
      guard let job = settings.jobs.first else { throw .invalid([]) }
      let endpoint = Endpoint(address: address, port: port ?? job.endpoints.ports[0])
      let note = base.jobs.isEmpty ? "there is no configuration with jobs" : "no job scans it"
      return Explanation(
        subject: "\(endpoint)", situation: .scanned(endpoint, by: job, note: "\(note); asked as by 'subnet-sd scan'"))
    } catch {
      for line in error.description.split(separator: "\n") { complain("\(line)") }
      throw ExitCode.validationFailure
    }
  }
}
