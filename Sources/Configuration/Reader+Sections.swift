internal import Addressing
internal import Documents

extension Reader {
  /// Reads a whole configuration: `global` and `exporters` first wherever they stand, since jobs begin with what they say.
  mutating func read(_ root: Node) {
    var jobs: Node?
    var global: Node?
    var exporters: Node?
    _ = readEntries(of: root, as: .file, .file) { reader, key, node in
      switch FileKey(rawValue: key) {
      case .global: global = node
      // With all in it commented out, the key is still there.
      case .web: if !node.isNull { reader.read(web: node) }
      case .exporters: exporters = node
      case .scanConfigs: jobs = node
      case nil: break
      }
    }
    // As with 'web'.
    if let global, !global.isNull { read(global: global) }
    if let exporters, !exporters.isNull { read(exporters: exporters) }
    guard let jobs else {
      if root.entries != nil, needsJobs { report(.missingKey(FileKey.scanConfigs.rawValue), at: root) }
      return
    }
    read(jobs: jobs)
  }

  private mutating func read(global node: Node) {
    faultyGlobals = readEntries(of: node, as: .global, .key(FileKey.global.rawValue)) { reader, key, node in
      if let key = CommonKey(rawValue: key) {
        var defaults = reader.settings.defaults
        reader.read(key, node, into: &defaults)
        reader.settings.defaults = defaults
      } else if let key = LimitKey(rawValue: key) {
        reader.read(key, node)
      }
    }
  }

  private mutating func read(_ key: LimitKey, _ node: Node) {
    switch key {
    case .rate:
      settings.rate = number(node, key.rawValue, 1...1_000_000) ?? settings.rate
    case .concurrency:
      settings.concurrency = number(node, key.rawValue, 1...65_536) ?? settings.concurrency
    case .maxAddresses:
      settings.maxAddresses = number(node, key.rawValue, 1...Int(UInt32.max)) ?? settings.maxAddresses
    }
  }

  private mutating func read(_ key: CommonKey, _ node: Node, into defaults: inout JobDefaults) {
    // Below 10 ms a busy machine looks like a dead one; beyond a minute one slow machine holds up the scan.
    let timeouts = Duration.milliseconds(10) ... .seconds(60)
    switch key {
    case .scanInterval:
      let bounds = Duration.seconds(1) ... .seconds(365 * 86_400)
      defaults.scanInterval = duration(node, key, bounds) ?? defaults.scanInterval
    case .connectTimeout:
      defaults.connectTimeout = duration(node, key, timeouts) ?? defaults.connectTimeout
    case .probeTimeout:
      defaults.probeTimeout = duration(node, key, timeouts) ?? defaults.probeTimeout
    case .removeAfter:
      // Longer than machines live, and no sum with a clock's time comes near an overflow.
      defaults.removeAfter = timeLimit(node, key, .zero ... .seconds(10 * 365 * 86_400)) ?? defaults.removeAfter
    case .maxLoss:
      defaults.maxLossPercent = percentage(node, key) ?? defaults.maxLossPercent
    case .holdLimit:
      let bounds = Duration.seconds(1) ... .seconds(10 * 365 * 86_400)
      defaults.holdLimit = timeLimit(node, key, bounds) ?? defaults.holdLimit
    case .duplicates:
      defaults.duplicates = choice(node, key.rawValue) ?? defaults.duplicates
    case .sweep:
      defaults.sweep = choice(node, key.rawValue) ?? defaults.sweep
    case .spread:
      defaults.spread = boolean(node, key.rawValue) ?? defaults.spread
    case .allowPublic:
      defaults.allowPublic = boolean(node, key.rawValue) ?? defaults.allowPublic
    case .exclude:
      defaults.exclude += spans(node, key)
    case .notPrinters:
      defaults.notPrinters += spans(node, key)
    }
  }

  private mutating func read(jobs node: Node) {
    if node.isNull || node.items?.isEmpty == true { return report(.noJobs, at: node) }
    if let count = node.items?.count, count > Settings.maxJobs { return report(.tooManyJobs(count), at: node) }
    var taken = Taken()
    for node in items(of: node, key: FileKey.scanConfigs.rawValue) ?? [] {
      guard let draft = draft(of: node) else { continue }
      checkUnique(draft, &taken)
      if let job = job(from: draft) { settings.jobs.append(job) }
    }
  }

  private mutating func draft(of node: Node) -> JobDraft? {
    var draft = JobDraft(place: place(of: node), defaults: settings.defaults)
    let faulty = readEntries(of: node, as: .job, .item(of: FileKey.scanConfigs.rawValue)) {
      reader, key, node in
      if let key = CommonKey(rawValue: key) {
        reader.read(key, node, into: &draft.defaults)
      } else if let key = JobKey(rawValue: key) {
        reader.read(key, node, into: &draft)
      }
    }
    draft.faulty = faulty.union(faultyGlobals)
    return node.entries == nil ? nil : draft
  }

  private mutating func read(_ key: JobKey, _ node: Node, into draft: inout JobDraft) {
    switch key {
    case .jobName:
      draft.name = jobName(node)
    case .ranges:
      draft.rangesPlace = place(of: node)
      draft.ranges = ranges(node)
    case .exporters:
      draft.exporters = exporters(node)
    case .ports:
      draft.ports = ports(node)
    case .scheme:
      draft.scheme = choice(node, key.rawValue) ?? draft.scheme
    case .tlsConfig:
      draft.tls = tls(node)
      draft.tlsPlace = place(of: node)
    case .basicAuth, .authorization:
      if draft.hasCredentials { report(.security(.twoCredentials), at: place(of: node)) }
      draft.hasCredentials = true
      draft.credentials = key == .basicAuth ? basicAuth(node) : authorization(node)
    case .targetFile:
      draft.targetFile = targetFile(node)
    case .fileMode:
      draft.fileMode = fileMode(node) ?? draft.fileMode
    case .groupBy:
      draft.groupBy = number(node, key.rawValue, 0...32) ?? draft.groupBy
    case .labels:
      draft.labels = labels(node) ?? draft.labels
    case .targetLabels:
      draft.targetLabels = targetLabels(node)
    }
  }
}
