import ArgumentParser
import Daemon
import Dispatch
import Glibc

@main
enum Program {
  /// As the `main()` of an asynchronous command does, but on a queue of our own: see `QueueExecutor`.
  static func main() {
    Heap.keepLittle()
    Task(executorPreference: QueueExecutor(DispatchQueue(label: "main"))) {
      await SubnetSD.main()
      exit(EXIT_SUCCESS)
    }
    dispatchMain()
  }
}

/// The command that people type; each subcommand is a file beside this one.
struct SubnetSD: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subnet-sd",
    abstract: "Find the Prometheus exporters in IP ranges and keep a file_sd file true.",
    discussion: """
      Try what is on this machine, then what is in a subnet:
        subnet-sd scan 127.0.0.1
        subnet-sd scan 10.0.1-9.1-99

      Check a configuration, then let the daemon keep the target file:
        subnet-sd check-config /etc/subnet-sd/config.yml
        systemctl enable --now subnet-sd
        subnet-sd targets

      Exit status: 0 done, 1 failed, 64 wrong usage, 78 wrong configuration.
      """,
    version: Daemon.version,
    subcommands: [
      RunCommand.self, ScanCommand.self, TargetsCommand.self, ForgetCommand.self, ReleaseCommand.self,
      ExplainCommand.self, ExportersCommand.self, CheckConfigCommand.self, ReloadCommand.self,
    ])
}
