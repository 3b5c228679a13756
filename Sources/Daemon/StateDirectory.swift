internal import Configuration
internal import Files
internal import Glibc
internal import Publishing

/// Where the daemon keeps its own files.
package struct StateDirectory: Sendable, Equatable {
  package let path: String

  /// `option` is what the command line says, `environment` is `$STATE_DIRECTORY`, of which systemd may set several,
  /// separated by colons.
  package init(option: String?, environment: String?) {
    path = option ?? firstPath(in: environment) ?? "/var/lib/subnet-sd"
  }

  /// Where the inventory outlives the process.
  var inventory: String { "\(path)/inventory" }

  /// Where a job's target file lies: relative names are in `file_sd`, where nothing else lives.
  package func targetFile(_ name: String) -> String {
    name.hasPrefix("/") ? name : "\(path)/file_sd/\(name)"
  }

  /// The name by which `targetFile(_:)` finds a path, also after the directory was moved or copied.
  func name(ofTargetFile path: String) -> String {
    let directory = "\(self.path)/file_sd/"
    let name = path.dropFirst(directory.count)
    return path.hasPrefix(directory) && !name.hasPrefix("/") ? String(name) : path
  }

  /// A sentence on the first two jobs whose target files are one file, by whatever path or link; nil if none are.
  func sharedTargetFile(of jobs: [Job]) -> String? {
    var owners: [String: String] = [:]
    for job in jobs {
      let path = TargetFile.resolvedPath(targetFile(job.targetFile))
      if let owner = owners.updateValue(job.name, forKey: path) {
        return "jobs '\(owner)' and '\(job.name)' have one target file, '\(path)'; give each its own"
      }
    }
    return nil
  }

  /// Makes the directory and its `file_sd` if they are not there; what goes wrong shows when a file is to be written.
  func create() {
    for directory in [path, "\(path)/file_sd"] { _ = Directory.make(directory, mode: 0o755) }
  }
}

/// Where the daemon listens to operators.
package struct RuntimeDirectory: Sendable, Equatable {
  package let path: String

  /// `option` is what the command line says, `environment` is `$RUNTIME_DIRECTORY`.
  package init(option: String?, environment: String?) {
    path = option ?? firstPath(in: environment) ?? "/run/subnet-sd"
  }

  /// Makes the directory if it is not there, for the user and the group of the daemon alone; a sentence on what went wrong.
  func create() -> String? {
    let errno = Directory.make(path, mode: 0o750)
    guard errno != 0 else { return nil }
    return unsafe "cannot make '\(path)': \(String(cString: strerror(errno))); give another --runtime-directory"
  }
}

/// systemd may set several, separated by colons.
private func firstPath(in environment: String?) -> String? {
  environment?.split(separator: ":").first.map(String.init)
}
