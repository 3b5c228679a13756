internal import Addressing
internal import Exporters

extension StoredInventory {
  /// Why bytes are no inventory; `description` is the sentence to show, without the path.
  package enum Invalid: Error, Hashable, Sendable {
    /// It does not begin as one.
    case notAnInventory
    /// A later version of subnet-sd wrote it.
    case newer(version: Int)
    /// Its end is missing, or it is not what was written.
    case damaged
    /// A line, counted from 1, that nobody can have written.
    case line(Int)
  }

  /// Reads what `encoded(at:)` wrote, in an earlier process, and nothing else. Policies are to be set by `resume`.
  package init(_ bytes: [UInt8], at moment: Moment) throws(Invalid) {
    let (version, lines) = try Self.wholeLines(bytes)
    var reader = LineReader(moment: moment, version: version)
    for (index, line) in lines.enumerated() {
      guard reader.read(line) else { throw .line(index + 2) }
    }
    guard let stored = reader.finish() else { throw .damaged }
    self = stored
  }

  /// The version, and the lines between the first and the last, if all are there as they were written.
  private static func wholeLines(_ bytes: [UInt8]) throws(Invalid) -> (version: Int, [ArraySlice<UInt8>]) {
    let header = Array("\(StoreFormat.name) ".utf8)
    guard bytes.starts(with: header), let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let version = Int(String(decoding: bytes[header.count..<end], as: UTF8.self)), version > 0
    else { throw .notAnInventory }
    guard version <= StoreFormat.version else { throw .newer(version: version) }
    guard bytes.last == UInt8(ascii: "\n") else { throw .damaged }
    let lines = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count >= 2, let last = lines.last, var fields = FieldReader(last), fields.line == .end,
      fields.number() == Int64(lines.count - 1), fields.text() == CRC32.hex(of: bytes[..<last.startIndex]),
      fields.isDone
    else { throw .damaged }
    return (version, Array(lines.dropFirst().dropLast()))
  }
}

extension StoredInventory.Invalid: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAnInventory: "it is no inventory of subnet-sd"
    case .newer(let version): "a later subnet-sd wrote it, in version \(version) of the format"
    case .damaged: "it is damaged: its checksum does not fit"
    case .line(let number): "line \(number) is wrong"
    }
  }
}

/// Puts lines together to inventories.
private struct LineReader {
  private let moment: Moment
  private let version: Int
  private var stored = StoredInventory()

  init(moment: Moment, version: Int) {
    self.moment = moment
    self.version = version
  }

  /// Returns false for a line that cannot be.
  mutating func read(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard var fields = FieldReader(bytes) else { return false }
    let isRead =
      switch fields.line {
      case .retired: readRetired(&fields)
      case .job: readJob(&fields)
      case .hold: readHold(&fields)
      case .target: readTarget(&fields)
      case .gone: readGone(&fields)
      case .refused: readRefused(&fields)
      case .end: false
      }
    return isRead && fields.isDone
  }

  func finish() -> StoredInventory? {
    Set(stored.jobs.map(\.name)).count == stored.jobs.count ? stored : nil
  }

  private mutating func readRetired(_ fields: inout FieldReader) -> Bool {
    guard let path = fields.text(), let job = fields.text() else { return false }
    stored.retired.append(StoredInventory.RetiredFile(path: path, job: job))
    return true
  }

  private mutating func readJob(_ fields: inout FieldReader) -> Bool {
    guard let name = fields.text(), let targetFile = fields.text(), let watched = fields.optional({ $0.time() }) else {
      return false
    }
    var inventory = JobInventory(policy: Policy(removal: .never))
    inventory.watchedUntil = watched.map(moment.instant(of:))
    stored.jobs.append(StoredInventory.Job(name: name, targetFile: targetFile, inventory: inventory))
    return true
  }

  /// The inventory that lines belong to until the next job.
  private mutating func withInventory(_ body: (inout JobInventory) -> Bool) -> Bool {
    guard !stored.jobs.isEmpty else { return false }
    return body(&stored.jobs[stored.jobs.count - 1].inventory)
  }

  private mutating func readHold(_ fields: inout FieldReader) -> Bool {
    guard let prefix = fields.optional({ $0.text() }), let since = fields.time(), let age = fields.duration(),
      let silent = fields.number(), let total = fields.number(), silent >= 0, silent <= total
    else { return false }
    var scope = Hold.Scope.job
    if let prefix {
      guard let prefix = Prefix(text: prefix) else { return false }
      scope = .prefix(prefix)
    }
    var hold = Hold(scope: scope, since: moment.instant(of: since), silent: Int(silent), total: Int(total))
    hold.age = age
    return withInventory { inventory in
      guard inventory.holds.last.map({ $0.scope < scope }) ?? true else { return false }
      inventory.holds.append(hold)
      return true
    }
  }

  private mutating func readTarget(_ fields: inout FieldReader) -> Bool {
    guard let endpoint = fields.endpoint(), let firstSeen = fields.time(), let exporter = fields.text(),
      let version = fields.optional({ $0.text() }), let nodename = fields.optional({ $0.text() }),
      let startTime = fields.optional({ $0.double() })
    else { return false }
    var sighting = Sighting(exporter: exporter, version: version, nodename: nodename, startTime: startTime)
    var hostname: String?
    if self.version > 1 {
      guard let scheme = fields.text().flatMap({ Scheme(rawValue: $0) }), let path = fields.text(),
        Exporter.isPath(path), let name = fields.optional({ $0.text() })
      else { return false }
      (sighting.scheme, sighting.metricsPath, hostname) = (scheme, path, name)
    }
    var target = Target(
      endpoint: endpoint, sighting: sighting, firstSeen: moment.unboundedInstant(of: firstSeen), hostname: hostname)
    guard self.version < 3 || readMachine(&fields, of: &target) else { return false }
    if !fields.isDone {
      guard let silence = readSilence(&fields) else { return false }
      target.state = .silent(silence)
    }
    let isFresh = self.version < 3
    return withInventory { inventory in
      // Which address stands for a machine is found out as it was then: by when they were found.
      if isFresh { inventory.fresh.append(endpoint) }
      return inventory.targets.updateValue(target, forKey: endpoint) == nil
    }
  }

  /// Since when a target is the machine that it is, and what it is another address of.
  private func readMachine(_ fields: inout FieldReader, of target: inout Target) -> Bool {
    guard let since = fields.optional({ $0.time() }), let first = fields.optional({ $0.endpoint() }) else {
      return false
    }
    if let since { target.identitySince = moment.unboundedInstant(of: since) }
    guard let first else { return true }
    guard first != target.endpoint, let standsIn = fields.flag() else { return false }
    target.further = Further(of: first)
    target.further?.standsIn = standsIn
    return true
  }

  private func readSilence(_ fields: inout FieldReader) -> Silence? {
    guard let since = fields.time(), let missedScans = fields.number(), (1...1 << 48).contains(missedScans),
      let counted = fields.duration(), let held = fields.duration(), let isConfirmed = fields.flag(),
      let isAnnounced = fields.flag(), let isDowngraded = version > 2 ? fields.flag() : false,
      let reason = fields.text()
    else { return nil }
    var silence = Silence(since: moment.instant(of: since), reason: reason)
    silence.missedScans = Int(missedScans)
    (silence.counted, silence.held) = (counted, held)
    (silence.isConfirmed, silence.isAnnounced, silence.isDowngraded) = (isConfirmed, isAnnounced, isDowngraded)
    return silence
  }

  private mutating func readRefused(_ fields: inout FieldReader) -> Bool {
    guard let endpoint = fields.endpoint(), let kind = fields.text().flatMap({ Refusals.Refusal.Kind(rawValue: $0) }),
      let since = fields.time(), let count = fields.number(), (1...1 << 32).contains(count), let until = fields.time(),
      let reason = fields.text(), stored.refusals.entries.count < Refusals.maxCount
    else { return false }
    let refusal = Refusals.Refusal(
      kind: kind, since: moment.instant(of: since), count: Int(count),
      // A clock that was set back keeps nobody away for longer than a day.
      until: min(moment.unboundedInstant(of: until), moment.instant + Refusals.longest), reason: reason)
    return stored.refusals.entries.updateValue(refusal, forKey: endpoint) == nil
  }

  private mutating func readGone(_ fields: inout FieldReader) -> Bool {
    guard let endpoint = fields.endpoint() else { return false }
    return withInventory { $0.departed.insert(endpoint).inserted }
  }
}
