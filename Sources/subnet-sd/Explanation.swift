import Addressing
import Configuration
import Controlling
import Daemon
import Exporters
import Glibc
import Inventory
import Probing
import Publishing
import Sweeping
import Synchronization

/// What becomes of one endpoint, by one job.
struct Explanation {
  enum Situation {
    case excluded(by: AddressSpan)
    /// The first or the last address of a prefix, at which no machine can be.
    case skipped(range: String)
    case otherPort(job: Job)
    case scanned(Endpoint, by: Job, note: String)
  }

  let subject: String
  let situation: Situation

  /// One for each port in question; none where the job's ranges do not hold the address.
  static func all(of address: Address, port: UInt16?, in job: Job) -> [Explanation] {
    let name = port.map { "\(Endpoint(address: address, port: $0))" } ?? "\(address)"
    guard let range = job.rangeCounts.map(\.text).first(where: { holds($0, address) }) else {
      let edge = job.rangeCounts.map(\.text).first { text in
        Prefix(text: text)?.contains(address) ?? false
      }
      return edge.map { [Explanation(subject: name, situation: .skipped(range: $0))] } ?? []
    }
    if let span = job.exclude.first(where: { AddressSet([$0]).contains(address) }) {
      return [Explanation(subject: name, situation: .excluded(by: span))]
    }
    if let port, !job.endpoints.ports.contains(port) {
      return [Explanation(subject: name, situation: .otherPort(job: job))]
    }
    return (port.map { [$0] } ?? job.endpoints.ports).map { port in
      let endpoint = Endpoint(address: address, port: port)
      return Explanation(
        subject: "\(endpoint)", situation: .scanned(endpoint, by: job, note: "'\(range)' of job '\(job.name)'"))
    }
  }

  private static func holds(_ range: String, _ address: Address) -> Bool {
    guard let range = try? AddressRange(range) else { return false }
    return AddressSet(range.hosts).contains(address)
  }

  /// Shows it, and contacts the endpoint if it is to be contacted.
  func run(_ settings: Settings, _ secrets: SecretPaths, _ daemon: ControlClient) async throws {
    try printResult("\(subject)\n".utf8)
    let pen = Pen()
    switch situation {
    case .excluded(let span):
      pen.write("exclude", "'\(span)' holds it: it is never contacted")
      pen.write("verdict", "no target")
    case .skipped(let range):
      pen.write("range", "it is the first or the last address of '\(range)', at which no machine can be")
      pen.write("verdict", "no target")
    case .otherPort(let job):
      let ports = job.endpoints.ports.map(String.init).joined(separator: ", ")
      pen.write("range", "job '\(job.name)' scans the address, but only on port \(ports)")
      pen.write("verdict", "no target")
    case .scanned(let endpoint, let job, let note):
      pen.write("range", note)
      let memory = Self.memory(of: endpoint, daemon)
      if let (kind, sentence) = memory {
        pen.write("memory", sentence)
        // A printer is not asked to print once more to explain that it is one.
        guard kind != "mute" || !Suspicion.ports.contains(endpoint.port) else {
          return pen.write("verdict", "no target; to have it looked at again: subnet-sd forget \(endpoint)")
        }
      }
      let known = ScanOrder.Known(scheme: memory?.kind == "tls" ? .https : .http)
      try await contact(endpoint, known, by: job, settings, secrets, pen)
    }
  }

  /// What the daemon knows of an endpoint that it leaves alone, or knows over TLS; nothing where there is no daemon, or
  /// none that we may ask.
  private static func memory(of endpoint: Endpoint, _ daemon: ControlClient) -> (kind: String, sentence: String)? {
    guard let reply = try? daemon.ask(.refusal(endpoint)) else { return nil }
    let words = String(decoding: reply.output, as: UTF8.self).split(separator: "\t", maxSplits: 1)
    return words.count == 2 ? (String(words[0]), String(words[1]).split(separator: "\n").joined().printable) : nil
  }

  private func contact(
    _ endpoint: Endpoint, _ known: ScanOrder.Known, by job: Job, _ settings: Settings, _ secrets: SecretPaths,
    _ pen: Pen
  ) async throws {
    var job = job
    guard
      let endpoints = EndpointSet(
        addresses: AddressSet([AddressSpan(first: endpoint.address, last: endpoint.address)]), ports: [endpoint.port])
    else { return }
    job.endpoints = endpoints
    var order = ScanOrder(job, among: settings.catalogue, known: [endpoint: known], access: Access(of: job, secrets))
    order.retries = 0
    let result = try await ScanRun(settings, secrets).run(order) { _, step in
      for (name, text) in step.lines { pen.write(name, text) }
    }
    if case .incomplete(let failure) = result.outcome.summary.end { pen.write("verdict", "none: \(failure)") }
    if let miss = result.outcome.report.missed[endpoint], !pen.hasVerdict { pen.write("verdict", "no target: \(miss)") }
    guard result.outcome.report.seen[endpoint] != nil else { return }
    pen.write("file", "in \(job.targetFile):")
    try printResult(TargetFileFormat.yaml.render(result.groups))
  }
}

extension Explanation {
  /// Writes lines with the time since the beginning; steps come from several threads.
  final class Pen: Sendable {
    private let start = ContinuousClock.now
    private let hasWrittenVerdict = Mutex(false)

    var hasVerdict: Bool { hasWrittenVerdict.withLock { $0 } }

    func write(_ name: String, _ text: String) {
      hasWrittenVerdict.withLock { hasVerdict in
        hasVerdict = hasVerdict || name == "verdict"
        let tenths = Int((ContinuousClock.now - start) / .microseconds(100))
        let time = "\(tenths / 10).\(tenths % 10) ms"
        let gap = String(repeating: " ", count: max(0, 10 - time.count))
        let name = name + String(repeating: " ", count: max(0, 9 - name.count))
        writeAll("\(gap)\(time)  \(name) \(text)\n", to: STDOUT_FILENO)
      }
    }
  }
}

extension ScanStep {
  /// What to show of it.
  fileprivate var lines: [(name: String, text: String)] {
    switch self {
    case .opened: [("connect", "accepted")]
    case .missed(let failure): [("connect", failure.description)]
    case .knocked(let port, let answer):
      [("guard", "port \(port) (\(port == Suspicion.lpdPort ? "LPD" : "IPP")): \(answer)")]
    case .server(let server?): [("guard", "'\(server)' answers there")]
    case .server(nil): [("guard", "no HTTP server says there who it is")]
    case .connecting(let scheme): scheme == .https ? [("tls", "handshake")] : []
    case .probing(.secured): [("tls", "secured, certificate accepted")]
    case .probing(.asked(let target)): [("request", "GET \(target)")]
    case .probing(.answered(let status, let type)):
      [("status", "\(status)")] + (type.map { [("type", $0)] } ?? [])
    case .probing(.proved(let family)): [("family", family)]
    case .reconnecting(let verdict): [("answer", "\(verdict); once more, on another connection")]
    case .untried(let failure): [("verdict", "none: \(failure)")]
    case .concluded(let finding):
      if case .exporter(let identity) = finding.verdict {
        [("verdict", "target: \(identity)")]
      } else {
        [("verdict", "no target: \(finding.verdict)")]
      }
    }
  }
}

extension ScanStep.Answer: CustomStringConvertible {
  /// As it is shown.
  public var description: String {
    switch self {
    case .accepts: "accepts"
    case .failed(let failure): failure.description
    case .untried(let failure): "could not be tried: \(failure)"
    }
  }
}
