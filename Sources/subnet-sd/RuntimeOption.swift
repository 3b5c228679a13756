import ArgumentParser
import Daemon

/// Where the daemon listens to operators.
struct RuntimeOption: ParsableArguments {
  @Option(
    name: .customLong("runtime-directory"),
    help: ArgumentHelp(
      "Where the daemon listens to 'targets', 'forget' and 'release'.",
      discussion: "If not given: $RUNTIME_DIRECTORY, which systemd sets, else /run/subnet-sd.", valueName: "dir"),
    completion: .directory)
  var path: String?

  var directory: RuntimeDirectory { RuntimeDirectory(option: path, environment: environment("RUNTIME_DIRECTORY")) }
}
