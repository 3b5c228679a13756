internal import Configuration
internal import Exporters
internal import Files
internal import Glibc
internal import Logging
internal import Sweeping
internal import Systemd

/// How a process of this program ends (sysexits(3) where it can).
package enum ExitStatus: Int32, Sendable {
  case done = 0
  case failed = 1
  case wrongConfiguration = 78
}

/// The daemon as a service: from a configuration's path to an exit status.
package enum Service {
  /// Whoever reads the log may go away, and a full LimitFSIZE= is an error of write(2), which leaves the target file as it
  /// is.
  static let ignoredSignals = [SIGPIPE, SIGXFSZ]

  /// Runs until SIGTERM or SIGINT; what goes wrong is in the log and, under systemd, in the unit's status.
  package static func run(
    configuration path: String, secrets: SecretPaths, state: StateDirectory, runtime: RuntimeDirectory, isVerbose: Bool
  ) async -> ExitStatus {
    var log = Logger(label: "subnet-sd", factory: { _ in JournalLogHandler(to: .ofStandardError) })
    if isVerbose { log.logLevel = .debug }
    let notifier = Notifier.systemd
    for number in ignoredSignals { signal(number, SIG_IGN) }
    log.info("subnet-sd \(version) starts")
    let load = { () throws(ConfigurationError) in try Settings(readingFile: path, catalogue: .builtIn) }
    let settings: Settings
    do throws(ConfigurationError) {
      settings = try load()
    } catch {
      for line in error.lines { log.error("\(line)") }
      notifier.failed(status: "wrong configuration: \(error.lines[0])", errno: EINVAL)
      return .wrongConfiguration
    }
    state.create()
    guard let lock = DirectoryLock(state.path) else {
      log.error("another subnet-sd runs with the state directory '\(state.path)'; give each its own")
      notifier.failed(status: "another subnet-sd runs with the state directory '\(state.path)'", errno: EBUSY)
      return .failed
    }
    if let sentence = state.sharedTargetFile(of: settings.jobs) {
      log.error("\(sentence)")
      notifier.failed(status: "wrong configuration: \(sentence)", errno: EINVAL)
      return .wrongConfiguration
    }
    let inherited = InheritedSocket.take()
    if let others = inherited?.others, others > 0 {
      log.warning("only the first of \(others + 1) sockets of the service manager is listened to")
    }
    do throws(LocalFailure) {
      var loop = try DaemonLoop(
        settings, load: load, secrets: secrets, state: state, notifier: notifier, log: log,
        inherited: inherited?.descriptor)
      await loop.run(runtime: runtime)
      extendLifetime(lock)
      return .done
    } catch {
      log.error("cannot start to scan: \(error)")
      notifier.failed(status: "cannot start to scan: \(error)", errno: error.errno)
      return .failed
    }
  }
}

extension ConfigurationError {
  /// The description line by line, at least one.
  var lines: [String] { description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
}
