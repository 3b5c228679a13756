import ArgumentParser
import Daemon

/// `subnet-sd run`: the daemon in the foreground.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Scan again and again, and keep the target files true.",
    discussion: """
      Runs in the foreground until SIGTERM or SIGINT; SIGHUP reloads the configuration. Under systemd it speaks the \
      notify protocol and writes to the journal. A target file is replaced only when the targets have changed.
      """)

  @OptionGroup var config: ConfigurationOption

  @Option(
    help: ArgumentHelp(
      "Where the daemon keeps its files; target files with a relative name are in its 'file_sd'.",
      discussion: "If not given: $STATE_DIRECTORY, which systemd sets, else /var/lib/subnet-sd.", valueName: "dir"),
    completion: .directory)
  var stateDirectory: String?

  @OptionGroup var runtime: RuntimeOption

  @Flag(help: "Log also what answered and is no target.")
  var verbose = false

  func run() async throws {
    let state = StateDirectory(option: stateDirectory, environment: environment("STATE_DIRECTORY"))
    let status = await Service.run(
      configuration: config.pathOrDefault, secrets: config.secrets, state: state, runtime: runtime.directory,
      isVerbose: verbose)
    if status != .done { throw ExitCode(status.rawValue) }
  }
}
