internal import Documents
package import Exporters
internal import Glibc

extension Settings {
  /// Reads a configuration file, which may add exporters to the catalogue. A file without jobs is a mistake unless
  /// no job is needed.
  package init(
    readingFile path: String, catalogue: Catalogue, needsJobs: Bool = true
  ) throws(ConfigurationError) {
    try self.init(parsing: Self.read(path), file: path, catalogue: catalogue, needsJobs: needsJobs)
  }

  /// Parses the text of a configuration; mistakes are placed in `file`.
  package init(
    parsing bytes: [UInt8], file: String, catalogue: Catalogue, needsJobs: Bool = true
  ) throws(ConfigurationError) {
    guard bytes.count <= ConfigurationError.maxBytes else { throw .tooLarge(path: file) }
    var reader = Reader(
      source: .file(file, nil), settings: Settings(catalogue: catalogue), needsJobs: needsJobs)
    do throws(DocumentError) {
      if let root = try Node.parse(bytes) {
        reader.read(root)
      } else {
        reader.report(.form(.emptyFile), at: reader.source)
      }
    } catch {
      reader.report(.document(error), at: .file(file, error.position))
    }
    self = try reader.finish()
  }

  /// Makes the one job of a scan without a configuration file, or with no more of it than its `global`, which
  /// is that of `base`, whose catalogue then counts. No ports, no exporters: the defaults of a job.
  package init(
    ranges: [String], ports: [Int] = [], exporters: [String] = [], catalogue: Catalogue,
    over base: Settings? = nil
  ) throws(ConfigurationError) {
    func written(_ texts: [String], _ argument: String) -> [Written] {
      texts.map { Written(text: $0, place: .argument(argument)) }
    }
    let place = Place.argument("RANGE")
    var reader = Reader(source: place, settings: base ?? Settings(catalogue: catalogue))
    reader.settings.jobs = []
    var draft = JobDraft(place: place, defaults: reader.settings.defaults)
    draft.name = Written(text: "scan", place: place)
    if ranges.isEmpty { reader.report(.form(.emptyList(JobKey.ranges.rawValue)), at: place) }
    draft.ranges = reader.ranges(written(ranges, "RANGE"))
    if !reader.mistakes.isEmpty { draft.faulty.insert(JobKey.ranges.rawValue) }
    if !ports.isEmpty { draft.ports = reader.ports(written(ports.map(String.init), "--port")) }
    if !exporters.isEmpty { draft.exporters = reader.exporters(written(exporters, "--exporter")) }
    if let job = reader.job(from: draft) { reader.settings.jobs.append(job) }
    self = try reader.finish()
  }

  /// The bytes of a file, at most one more than are allowed.
  private static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= ConfigurationError.maxBytes {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 || errno == EINTR else { throw .unreadable(path: path, errno: errno) }
      bytes += chunk.prefix(max(0, count))
    }
    throw .tooLarge(path: path)
  }
}
