internal import Configuration
internal import Glibc
internal import Publishing

/// Where the daemon keeps its own files.
package struct StateDirectory: Sendable, Equatable {
  package let path: String

  /// `option` is what the command line says, `environment` is `$STATE_DIRECTORY`, of which systemd may set several,
  /// separated by colons.
  package init(option: String?, environment: String?) {
    let first = environment?.split(separator: ":").first.map(String.init)
    path = option ?? first ?? "/var/lib/subnet-sd"
  }

  /// Where a job's target file lies: relative names are in `file_sd`, where nothing else lives.
  package func targetFile(_ name: String) -> String {
    name.hasPrefix("/") ? name : "\(path)/file_sd/\(name)"
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

  /// Keeps a second daemon out of the directory, for as long as the process lives; false if there is one already.
  ///
  /// What cannot be opened cannot be locked: then nothing can be written there either, which is told elsewhere.
  func lock() -> Bool {
    let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    return directory < 0 || flock(directory, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
  }

  /// Makes the directory and its `file_sd` if they are not there; what goes wrong shows when a file is to be written.
  func create() {
    for directory in [path, "\(path)/file_sd"] { _ = unsafe mkdir(directory, 0o755) }
  }
}
