import ArgumentParser
import Glibc

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
  static let defaultPath = "/etc/subnet-sd/config.yml"

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "The configuration file.", discussion: "If not given: \(defaultPath).", valueName: "file"))
  var path: String?

  var pathOrDefault: String { path ?? Self.defaultPath }
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}
