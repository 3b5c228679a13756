package import Exporters

extension Settings {
  /// Reads a configuration file, which may add exporters to the catalogue. A file without jobs is a mistake unless
  /// no job is needed.
  package init(
    readingFile path: String, catalogue: Catalogue, needsJobs: Bool = true
  ) throws(ConfigurationError) {
    try self.init(parsing: Reader.bytes(of: path), file: path, catalogue: catalogue, needsJobs: needsJobs)
  }

  /// Parses the text of a configuration; mistakes are placed in `file`.
  package init(
    parsing bytes: [UInt8], file: String, catalogue: Catalogue, needsJobs: Bool = true
  ) throws(ConfigurationError) {
    var reader = Reader(
      source: .file(file, nil), settings: Settings(catalogue: catalogue), needsJobs: needsJobs)
    try reader.parse(bytes, file: file) { reader, root in
      guard let root else { return reader.report(.form(.emptyFile), at: reader.source) }
      reader.read(root)
    }
    self = try reader.finish(reader.settings)
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
    self = try reader.finish(reader.settings)
  }
}
