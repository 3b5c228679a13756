package import Addressing
package import Exporters
package import Files
internal import Glibc

/// What a target file listed before this process began.
package struct Adoption: Hashable, Sendable {
  /// Endpoints of the job.
  package var wanted: [Endpoint: Claim] = [:]
  /// What subnet-sd wrote and the job does not scan.
  package var outside: [Endpoint: Claim] = [:]
}

/// What a target file says of a target, whatever wrote it; nil where it says nothing that could be.
package struct Claim: Hashable, Sendable {
  package var exporter: String?
  package var scheme: Scheme?
  package var metricsPath: String?

  package init(exporter: String? = nil, scheme: Scheme? = nil, metricsPath: String? = nil) {
    self.exporter = exporter
    self.scheme = scheme
    self.metricsPath = metricsPath
  }
}

/// The file in which Prometheus finds the targets of a job.
///
/// A file that alone knows some of its targets is never replaced. It is ours to replace where
/// - nothing is there, or nothing is listed;
/// - it says that subnet-sd wrote it for this job, in its first line or by a label: edits in such a file are
///   overwritten, as the first line warns. One that was written for an unknown job is another writer's;
/// - all its targets are endpoints of the job, which finds again those that are alive.
///
/// A file of another kind in its place, also one put there while the daemon runs, is an error at each replacement until
/// that file is moved away.
package struct TargetFile: Sendable {
  package let path: String
  let format: TargetFileFormat
  let job: String
  /// The jobs whose name in a file says that it is this job's: its own, and those whose targets it may have taken over.
  private let writers: Set<String>
  private let mode: UInt32
  private let calls: FileCalls

  /// Fails if Prometheus reads no file of such a name. `mode` has the permission bits of the file.
  package init?(
    path: String, job: String, mode: UInt32, formerJobs: Set<String> = [], calls: FileCalls = .system
  ) {
    guard let format = TargetFileFormat(path: path), !path.utf8.contains(0) else { return nil }
    self.path = path
    self.format = format
    self.job = job
    writers = formerJobs.union([job])
    self.mode = mode
    self.calls = calls
  }

  /// Refuses early what a replacement would stumble over: a directory that is missing or not writable, a path
  /// that is not a file's, a name too long for a temporary one, a file that is mounted by itself.
  package func check() throws(PublishingError) {
    let location = try locate()
    try PublishingError.wrapping { () throws(FileError) in try location.check() }
  }

  /// What the existing file lists, the start of an inventory that has no better memory. Nothing if there is no file.
  ///
  /// Targets outside `endpoints` are set apart in a file of ours, for a change of configuration took them; in a
  /// file of others they are an error.
  package func adopt(within endpoints: EndpointSet) throws(PublishingError) -> Adoption {
    let location = try locate()
    guard let old = try Self.read(location) else { return Adoption() }
    let listing = try listing(old.bytes, at: location.path, within: endpoints)
    return Adoption(
      wanted: listing.claims { endpoints.contains($0) }, outside: listing.claims { !endpoints.contains($0) })
  }

  /// Makes the file list `groups`, atomically, and only if its bytes differ: it is read each time, so that what
  /// others did to it is mended.
  ///
  /// An error means that the old file is still there, whole; trying again later is safe.
  package func replace(with groups: [TargetGroup], within endpoints: EndpointSet)
    throws(PublishingError) -> Replacement
  {
    try replace(with: format.render(groups, keptFor: job)) { old, path throws(PublishingError) in
      if !isMarked(old) { _ = try listing(old, at: path, within: endpoints) }
    }
  }

  func replace(
    with bytes: [UInt8], unless isRefused: (_ old: [UInt8], _ path: String) throws(PublishingError) -> Void
  ) throws(PublishingError) -> Replacement {
    let location = try locate()
    let old = try Self.read(location)
    if let old {
      if old.bytes == bytes {
        if old.status.mode != mode { location.changeMode(to: mode) }
        return .unchanged
      }
      try isRefused(old.bytes, location.path)
    }
    return try PublishingError.wrapping { () throws(FileError) in
      try location.replace(old?.status, with: bytes, mode: mode, atMost: PublishingError.maxSize)
    }
  }

  /// Where the file is, by a name that Prometheus reads, too: a link is not to lead to any file there is.
  func locate() throws(PublishingError) -> Location {
    let location = try PublishingError.wrapping { () throws(FileError) in try Location(of: path, calls) }
    guard TargetFileFormat(path: location.name) != nil else { throw .unreadName(link: path, path: location.path) }
    return location
  }

  static func read(_ location: borrowing Location) throws(PublishingError) -> OldFile? {
    do throws(FileError) {
      return try location.read(atMost: PublishingError.maxSize)
    } catch {
      throw .file(error)
    }
  }

  /// The path at which the symbolic links of `path` end: two paths to one file give the same. What cannot be resolved is
  /// left as it is.
  package static func resolvedPath(_ path: String) -> String {
    guard let location = try? Location(of: Self.absolute(path), .system) else { return path }
    return location.path
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let directory = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(directory) }
    return unsafe "\(String(cString: directory))/\(path)"
  }

  /// Removes the temporary files of a process that was killed while it replaced the file. Not while another
  /// process may replace it.
  package func removeLeftovers() {
    guard let location = try? locate() else { return }
    location.removeLeftovers()
  }

  /// The same for many files; lists each directory once.
  package static func removeLeftovers(of files: [TargetFile]) {
    var owners: [String: Set<String>] = [:]
    for file in files {
      guard let location = try? file.locate() else { continue }
      let (directory, name) = Location.split(location.path)
      let known = owners[directory] ?? location.namesWithLeftovers()
      owners[directory] = known
      if known.contains(name) { location.removeLeftovers() }
    }
  }

  /// What `bytes` list; an error if that would be lost.
  private func listing(_ bytes: [UInt8], at path: String, within endpoints: EndpointSet)
    throws(PublishingError) -> Listing
  {
    let listing: Listing
    do throws(Listing.Invalid) {
      listing = try Listing(bytes)
    } catch {
      throw .invalid(path: path, error)
    }
    let foreign = listing.foreign(to: endpoints, writers)
    guard foreign.isEmpty else {
      throw .foreign(path: path, count: foreign.count, examples: Array(foreign.prefix(3)))
    }
    return listing
  }

  /// Whether subnet-sd wrote the file for this job, perhaps with edits since that no longer parse.
  func isMarked(_ bytes: [UInt8]) -> Bool {
    let label = Array("\"\(TargetGroup.jobLabel)\": ".utf8)
    let mark = Array(TargetFileFormat.yamlMark.utf8)
    if bytes.starts(with: mark), isWriter(bytes[mark.count...]) { return true }
    return bytes.indices.contains { index in
      bytes[index] == label[0] && bytes[index...].starts(with: label) && isWriter(bytes[(index + label.count)...])
    }
  }

  /// Whether `text` begins with the quoted name of a writer; looks at no more of it than a name can have.
  private func isWriter(_ text: ArraySlice<UInt8>) -> Bool {
    let quote = UInt8(ascii: "\"")
    guard text.first == quote else { return false }
    let name = text.dropFirst().prefix(Self.longestName + 1).prefix { $0 != quote }
    return name.count <= Self.longestName && text.dropFirst(name.count + 1).first == quote
      && writers.contains(String(decoding: name, as: UTF8.self))
  }

  /// More bytes than the name of a job has; it needs no escaping.
  private static let longestName = 255
}
