internal import Addressing
internal import Exporters

extension StoredInventory {
  /// The bytes to keep; the same inventory at the same moment yields the same.
  package func encoded(at moment: Moment) -> [UInt8] {
    var lines = LineWriter()
    // A line of a target has about 120 bytes.
    lines.bytes.reserveCapacity(jobs.reduce(1_024) { $0 + $1.inventory.targets.count * 144 })
    lines.append(raw: "\(StoreFormat.name) \(StoreFormat.version)")
    for file in retired { lines.append(.retired, .text(file.path), .text(file.job)) }
    for (endpoint, refusal) in refusals.entries.sorted(by: { $0.key < $1.key }) {
      lines.append(
        .refused, .text(endpoint.description), .text(refusal.kind.rawValue), .time(refusal.since, moment),
        .number(Int64(refusal.count)), .time(refusal.until, moment), .text(refusal.reason))
    }
    for job in jobs {
      lines.append(.job, .text(job.name), .text(job.targetFile), .time(job.inventory.watchedUntil, moment))
      for hold in job.inventory.holds { lines.append(hold, moment) }
      for target in job.inventory.targets.values.sorted(by: { $0.endpoint < $1.endpoint }) {
        lines.append(target, moment)
      }
      for endpoint in job.inventory.departed.sorted() { lines.append(.gone, .text(endpoint.description)) }
    }
    lines.append(.end, .number(Int64(lines.count)), .text(CRC32.hex(of: lines.bytes)))
    return lines.bytes
  }
}

/// Writes lines of fields.
private struct LineWriter {
  enum Field {
    case text(String?)
    case number(Int64)
    case flag(Bool)
    case duration(Duration)
    case time(SuspendingClock.Instant?, Moment)
  }

  var bytes: [UInt8] = []
  private(set) var count = 0

  mutating func append(raw line: String) {
    bytes.append(contentsOf: line.utf8)
    bytes.append(UInt8(ascii: "\n"))
    count += 1
  }

  mutating func append(_ line: StoreFormat.Line, _ fields: Field...) {
    begin(line)
    for field in fields { append(field) }
    end()
  }

  mutating func append(_ hold: Hold, _ moment: Moment) {
    let prefix: String? = if case .prefix(let prefix) = hold.scope { prefix.description } else { nil }
    append(
      .hold, .text(prefix), .time(hold.since, moment), .duration(hold.age), .number(Int64(hold.silent)),
      .number(Int64(hold.total)))
  }

  mutating func append(_ target: Target, _ moment: Moment) {
    begin(.target)
    append(.text(target.endpoint.description))
    append(.time(target.firstSeen, moment))
    append(.text(target.sighting.exporter))
    append(.text(target.sighting.version))
    append(.text(target.sighting.nodename))
    append(.text(target.sighting.startTime?.description))
    append(.text(target.sighting.scheme.rawValue))
    append(.text(target.sighting.metricsPath))
    append(.text(target.hostname))
    let since = moment.wallTime(of: target.identitySince)
    append(.time(since == moment.wallTime(of: target.firstSeen) ? nil : target.identitySince, moment))
    append(.text(target.further?.of.description))
    if let further = target.further { append(.flag(further.standsIn)) }
    if let silence = target.silence {
      append(.time(silence.since, moment))
      append(.number(Int64(silence.missedScans)))
      append(.duration(silence.counted))
      append(.duration(silence.held))
      append(.flag(silence.isConfirmed))
      append(.flag(silence.isAnnounced))
      append(.flag(silence.isDowngraded))
      append(.text(silence.reason))
    }
    end()
  }

  private mutating func begin(_ line: StoreFormat.Line) {
    bytes.append(contentsOf: line.rawValue.utf8)
  }

  private mutating func end() {
    bytes.append(UInt8(ascii: "\n"))
    count += 1
  }

  private mutating func append(_ field: Field) {
    bytes.append(UInt8(ascii: "\t"))
    switch field {
    case .text(let text?): append(escaped: text)
    case .text(nil), .time(nil, _): bytes.append(contentsOf: "\\N".utf8)
    case .number(let number): bytes.append(contentsOf: String(number).utf8)
    case .flag(let flag): bytes.append(UInt8(ascii: flag ? "1" : "0"))
    case .duration(let duration): bytes.append(contentsOf: String(duration.wholeMilliseconds).utf8)
    case .time(let instant?, let moment):
      bytes.append(contentsOf: String(moment.wallTime(of: instant).milliseconds).utf8)
    }
  }

  private mutating func append(escaped text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
      case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      default: bytes.append(byte)
      }
    }
  }
}
