internal import Addressing

/// A job as far as it was read, before its parts are judged together.
struct JobDraft {
  var place: Place
  var defaults: JobDefaults
  /// Keys with a mistake in them, here or in `global`; what depends on them is not judged.
  var faulty: Set<String> = []

  var name: Written?
  var ranges: [WrittenRange]?
  var rangesPlace: Place
  /// `node_exporter` where nil.
  var exporters: ChosenExporters?
  /// Those of the exporters where nil.
  var ports: [UInt16]?
  var targetFile: Written?
  var fileMode: UInt32 = 0o644
  var groupBy = 24
  var labels: [String: String] = [:]
  var targetLabels: [TargetLabel] = []
  var scheme = SchemeChoice.auto
  var tls = TLSSettings()
  var tlsPlace: Place?
  var credentials: Credentials?
  /// Whether there is a key for them, valid or not.
  var hasCredentials = false

  init(place: Place, defaults: JobDefaults) {
    self.place = place
    self.defaults = defaults
    rangesPlace = place
    targetFile = Written(text: "service_discovery.yml", place: place)
  }
}

/// What no two jobs may share, with where it stood first.
struct Taken {
  var names: [String: Place] = [:]
  var targetFiles: [String: (job: String?, place: Place)] = [:]
}

extension Reader {
  mutating func checkUnique(_ draft: JobDraft, _ taken: inout Taken) {
    if let name = draft.name {
      if let first = taken.names[name.text] {
        report(.value(.jobNameTaken(name.text, first: first)), at: name.place)
      } else {
        taken.names[name.text] = name.place
      }
    }
    guard let file = draft.targetFile else { return }
    let root = file.text.hasPrefix("/") ? "/" : ""
    let path = root + file.text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    if let other = taken.targetFiles[path] {
      report(.value(.targetFileTaken(file.text, job: other.job, at: other.place)), at: file.place)
    } else {
      taken.targetFiles[path] = (draft.name?.text, draft.place)
    }
  }

  /// The job, if it is whole and its ranges may be scanned.
  mutating func job(from draft: JobDraft) -> Job? {
    let included = addresses(of: draft)
    let chosen = draft.exporters ?? exporters([Written(text: "node_exporter", place: draft.place)])
    let ports = ports(of: draft, chosen)
    judgeSecurity(of: draft)
    guard let included, let ranges = draft.ranges, let name = draft.name, let targetFile = draft.targetFile,
      // Never nil: `maxAddresses` allows 2^32 addresses at most.
      let endpoints = EndpointSet(addresses: included, ports: ports)
    else { return nil }
    let excluded = AddressSet(draft.defaults.exclude)
    return Job(
      name: name.text, endpoints: endpoints,
      rangeCounts: ranges.map { range in
        let addresses = AddressSet(range.spans).subtracting(excluded).count
        return Job.RangeCount(text: range.written.text, addresses: addresses)
      },
      exclude: draft.defaults.exclude, scanInterval: draft.defaults.scanInterval,
      connectTimeout: draft.defaults.connectTimeout,
      probeTimeout: draft.defaults.probeTimeout, removeAfter: draft.defaults.removeAfter,
      maxLossPercent: draft.defaults.maxLossPercent, holdLimit: draft.defaults.holdLimit,
      duplicates: draft.defaults.duplicates, sweep: draft.defaults.sweep, spread: draft.defaults.spread,
      exporters: chosen.exporters.map(\.exporter), listsAny: chosen.anyPlace != nil, scheme: draft.scheme,
      tls: draft.tls, credentials: draft.credentials, notPrinters: AddressSet(draft.defaults.notPrinters),
      targetFile: targetFile.text, fileMode: draft.fileMode, groupBy: draft.groupBy, labels: draft.labels,
      targetLabels: draft.targetLabels)
  }

  /// What a job's ranges hold beside what is excluded.
  private mutating func addresses(of draft: JobDraft) -> AddressSet? {
    guard let ranges = draft.ranges else { return nil }
    for range in ranges { judge(range, of: draft) }
    // Each job has a copy of what `global` lists.
    let copied = settings.defaults.exclude.count + settings.defaults.notPrinters.count
    guard count(pieces: copied, at: draft.place),
      draft.faulty.isDisjoint(with: [JobKey.ranges.rawValue, CommonKey.exclude.rawValue])
    else { return nil }

    let included = AddressSet(ranges.flatMap(\.spans)).subtracting(AddressSet(draft.defaults.exclude))
    if included.isEmpty {
      report(.addresses(.nothingLeft), at: draft.rangesPlace)
      return nil
    }
    guard !draft.faulty.contains(LimitKey.maxAddresses.rawValue) else { return nil }
    guard included.count <= settings.maxAddresses else {
      let problem = AddressProblem.tooMany(included.count, limit: settings.maxAddresses)
      report(.addresses(problem), at: draft.rangesPlace)
      return nil
    }
    return included
  }

  /// Whether a range may be scanned at all; what of it is excluded makes no difference.
  private mutating func judge(_ range: WrittenRange, of draft: JobDraft) {
    let addresses = AddressSet(range.spans)
    let scannable = addresses.subtracting(.unscannable)
    if let piece = addresses.subtracting(scannable).spans.first {
      report(.addresses(.unscannable(range.written.text, piece: piece)), at: range.written.place)
      return
    }
    guard !draft.defaults.allowPublic, !draft.faulty.contains(CommonKey.allowPublic.rawValue) else { return }
    let publicAddresses = addresses.subtracting(.local)
    guard !publicAddresses.isEmpty else { return }
    report(
      .addresses(.publicAddress(range.written.text, first: publicAddresses[0])), at: range.written.place)
  }
}
