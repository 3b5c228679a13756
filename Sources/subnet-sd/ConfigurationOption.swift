import ArgumentParser
import Daemon
import Glibc

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
  static let defaultPath = "/etc/subnet-sd/config.yml"

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "The configuration file.", discussion: "If not given: \(defaultPath).", valueName: "file"),
    completion: .file())
  var path: String?

  var pathOrDefault: String { path ?? Self.defaultPath }

  var secrets: SecretPaths { SecretPaths(besideConfiguration: pathOrDefault) }
}

extension SecretPaths {
  /// As the daemon finds them.
  init(besideConfiguration path: String) {
    self.init(configuration: path, credentials: environment("CREDENTIALS_DIRECTORY"))
  }
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}
