import ArgumentParser
import Configuration
import Glibc

/// `subnet-sd reload`: what the unit runs for `systemctl reload`.
struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Check the configuration, then let the running daemon read it.",
    discussion: """
      For ExecReload= of the unit: signals the process in $MAINPID, which systemd sets. With a mistake in the \
      configuration nothing is signalled, the daemon goes on as it is, and 'systemctl reload' fails. By hand, use \
      'systemctl reload subnet-sd'.
      """)

  @OptionGroup var config: ConfigurationOption

  func run() throws {
    _ = try Settings.loadOrComplain(config.pathOrDefault)
    guard let text = environment("MAINPID") else {
      complain("$MAINPID is not set; use 'systemctl reload subnet-sd', or send SIGHUP to the daemon")
      throw ExitCode.failure
    }
    guard let process = Int32(text), process > 1 else {
      complain("$MAINPID is '\(text)', which is no process")
      throw ExitCode.failure
    }
    guard kill(process, SIGHUP) == 0 else {
      unsafe complain("cannot signal process \(process): \(String(cString: strerror(errno)))")
      throw ExitCode.failure
    }
  }
}
