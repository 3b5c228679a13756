internal import Addressing
internal import Configuration
internal import Controlling
internal import Exporters
internal import Inventory
internal import Publishing

/// What the daemon knows of its targets, as operators see it.
struct TargetList {
  fileprivate struct Entry {
    let job: String
    let target: Target
    let isHeld: Bool
    /// How much silence is missing to `remove_after`; nil where it never leaves or is held.
    let timeLeft: Duration?
    let isListed: Bool
    let scheme: Scheme

    /// The one that is shown.
    var state: TargetState { target.silence == nil ? .up : isHeld ? .held : .silent }

    func isIn(_ state: TargetState) -> Bool {
      switch state {
      case .up: target.silence == nil
      case .silent: target.silence != nil
      case .held: isHeld
      case .duplicate: target.duplicateOf != nil
      case .refused: false
      }
    }
  }

  fileprivate let entries: [Entry]
  /// Endpoints that answer and are no targets; empty where others are asked for.
  private let refused: [RefusedEndpoint]
  private let holds: [(job: String, hold: Hold)]
  private let moment: Moment

  init(of jobs: [JobState], _ refusals: Refusals, in state: TargetState?, at moment: Moment) {
    self.moment = moment
    refused = [nil, .refused].contains(state) ? RefusedEndpoint.all(of: jobs, refusals) : []
    holds = jobs.flatMap { job in job.inventory.holds.map { (job.job.name, $0) } }
    entries = jobs.flatMap { job in
      job.inventory.targets.values.map { target in
        Entry(
          job: job.job.name, target: target, isHeld: job.inventory.isHeld(target),
          timeLeft: job.inventory.timeLeft(of: target), isListed: job.inventory.lists(target),
          scheme: job.inventory.scheme(of: target))
      }
    }.filter { entry in state.map(entry.isIn) ?? true }.sorted {
      ($0.target.endpoint, $0.job) < ($1.target.endpoint, $1.job)
    }
  }
}

// MARK: - Rows of a table

extension TargetList {
  /// How many endpoints answer and are no targets.
  var refusedCount: Int { refused.count }

  /// Likewise, one for each of those.
  var refusedRows: [UInt8] {
    rows("ENDPOINT\tJOB\tVERDICT\tSINCE\tASKED AGAIN\tREASON", refused) { item in
      let times = item.times
      return [
        "\(item.endpoint)", item.job, item.kind, times.map { (moment.instant - $0.since).coarseText } ?? "-",
        times.map { "in \(($0.until - moment.instant).coarseText)" } ?? "at each scan", item.reason,
      ]
    }
  }

  private func rows<Item>(_ header: String, _ items: [Item], cells: (Item) -> [String]) -> [UInt8] {
    var bytes = Array(header.utf8)
    bytes.append(UInt8(ascii: "\n"))
    for item in items {
      bytes += cells(item).map(\.asCell).joined(separator: "\t").utf8
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// A line for each hold.
  var holdSentences: [String] {
    holds.map { job, hold in
      "job '\(job)': \(hold.scope.title) since \(moment.wallTime(of: hold.since).text): \(hold.sentence);"
        + " nothing of it is removed; if they are really gone: \(hold.scope.release(of: job))"
    }
  }

  /// Cells with tabs between them, the columns' names first.
  var rows: [UInt8] {
    let header = "TARGET\tJOB\tSTATE\tKNOWN\tSILENT\tLEAVES\tEXPORTER\tVERSION\tNODENAME\tNOTE"
    return rows(header, entries) { entry in
      let (target, sighting, silence) = (entry.target, entry.target.sighting, entry.target.silence)
      return [
        "\(target.endpoint)", entry.job, entry.state.rawValue, (moment.instant - target.firstSeen).coarseText,
        silence.map { (moment.instant - $0.since).coarseText } ?? "-", entry.leaves, sighting.exporter,
        sighting.version ?? "-", sighting.nodename ?? target.hostname ?? "-", entry.note,
      ]
    }
  }
}

extension TargetList.Entry {
  /// When it leaves if it goes on like this.
  fileprivate var leaves: String {
    guard target.silence != nil, !isHeld else { return "-" }
    return timeLeft.map { $0 > .zero ? "in \($0.coarseText)" : "soon" } ?? "never"
  }

  fileprivate var note: String {
    let silence = target.silence
    let duplicate = target.further.map { further in
      further.standsIn
        ? "stands in for \(further.of)" : "same process as \(further.of)\(isListed ? "" : ", not listed")"
    }
    return [silence?.reason, silence?.isConfirmed == true ? "given up" : nil, duplicate].compactMap(\.self)
      .joined(separator: "; ")
  }
}

extension String {
  fileprivate var asCell: String { isEmpty ? "-" : printable }
}

extension Duration {
  /// The two largest units of it: `3d4h`, `12s`.
  var coarseText: String {
    let seconds = max(0, components.seconds)
    let unit: Int64 = seconds >= 86_400 ? 3_600 : seconds >= 3_600 ? 60 : 1
    return Duration.seconds(seconds - seconds % unit).prometheusText
  }
}

// MARK: - JSON

extension TargetList {
  /// An object with `targets`, `holds` and `refused`; times are RFC 3339, durations seconds.
  var json: [UInt8] {
    var bytes = Array("{\"targets\":[".utf8)
    for (index, entry) in entries.enumerated() {
      bytes += (index == 0 ? "\n" : ",\n").utf8
      append(entry, to: &bytes)
    }
    bytes += "\n],\"holds\":[".utf8
    for (index, item) in holds.enumerated() {
      bytes += (index == 0 ? "\n" : ",\n").utf8
      append(item.hold, of: item.job, to: &bytes)
    }
    bytes += "\n],\"refused\":[".utf8
    for (index, item) in refused.enumerated() {
      bytes += (index == 0 ? "\n" : ",\n").utf8
      append(item, to: &bytes)
    }
    bytes += "\n]}\n".utf8
    return bytes
  }

  private func append(_ item: RefusedEndpoint, to bytes: inout [UInt8]) {
    var object = JSONObject()
    object.set("endpoint", "\(item.endpoint)")
    object.set("job", item.job)
    object.set("verdict", item.kind)
    object.set("reason", item.reason)
    if let times = item.times {
      object.set("since", moment.wallTime(of: times.since).text)
      object.set("asked_again", moment.wallTime(of: times.until).text)
    }
    bytes += object.bytes
  }

  private func append(_ entry: Entry, to bytes: inout [UInt8]) {
    let (target, sighting) = (entry.target, entry.target.sighting)
    var object = JSONObject()
    object.set("target", "\(target.endpoint)")
    object.set("job", entry.job)
    object.set("state", entry.state.rawValue)
    object.set("exporter", sighting.exporter)
    object.set("version", sighting.version)
    object.set("nodename", sighting.nodename)
    object.set("hostname", target.hostname)
    object.set("scheme", entry.scheme.rawValue)
    object.set("metrics_path", sighting.metricsPath)
    object.set("first_seen", moment.wallTime(of: target.firstSeen).text)
    object.set("duplicate_of", target.duplicateOf?.description)
    object.set("listed", entry.isListed)
    if let silence = target.silence {
      object.set("silent_since", moment.wallTime(of: silence.since).text)
      object.set("missed_scans", silence.missedScans)
      object.set("reason", silence.reason)
      object.set("given_up", silence.isConfirmed)
      object.set("leaves_in_seconds", entry.timeLeft.map { Int($0.components.seconds) })
    }
    bytes += object.bytes
  }

  private func append(_ hold: Hold, of job: String, to bytes: inout [UInt8]) {
    var object = JSONObject()
    object.set("job", job)
    if case .prefix(let prefix) = hold.scope { object.set("prefix", "\(prefix)") }
    object.set("since", moment.wallTime(of: hold.since).text)
    object.set("silent", hold.silent)
    object.set("total", hold.total)
    bytes += object.bytes
  }
}

/// An object in one line; what is nil is left out.
private struct JSONObject {
  private var members: [UInt8] = []

  var bytes: [UInt8] { [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")] }

  mutating func set(_ name: String, _ value: String?) {
    guard let value else { return }
    begin(name)
    members.append(quoted: value)
  }

  mutating func set(_ name: String, _ value: Int?) {
    guard let value else { return }
    begin(name)
    members += String(value).utf8
  }

  mutating func set(_ name: String, _ value: Bool) {
    begin(name)
    members += "\(value)".utf8
  }

  private mutating func begin(_ name: String) {
    if !members.isEmpty { members.append(UInt8(ascii: ",")) }
    members.append(quoted: name)
    members.append(UInt8(ascii: ":"))
  }
}
