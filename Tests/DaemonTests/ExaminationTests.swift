import Addressing
import Controlling
import Exporters
import Glibc
import Inventory
import Logging
import Probing
import Sweeping
import Synchronization
import Testing

@testable import Daemon

/// An answer on the port of IPP.
private func ipp(_ server: String?) -> String {
  let header = server.map { "Server: \($0)\r\n" } ?? ""
  return "HTTP/1.1 404 Not Found\r\n\(header)Content-Length: 0\r\nConnection: close\r\n\r\n"
}

private func config(_ endpoint: Endpoint, _ lines: String = "scheme: auto") -> String {
  """
  scan_configs:
    - {job_name: node, ranges: [\(endpoint.address)], ports: [\(endpoint.port)], \(lines)}
  """
}

/// The steps of a scan, in their order.
private final class Steps: Sendable {
  private let steps = Mutex<[ScanStep]>([])

  func note(_ step: ScanStep) { steps.withLock { $0.append(step) } }

  /// The ports that were knocked at.
  var knocked: [UInt16] {
    steps.withLock { $0.compactMap { if case .knocked(let port, _) = $0 { port } else { nil } } }.sorted()
  }

  /// Whether the guard was through before anything was asked.
  var isInOrder: Bool {
    steps.withLock { steps in
      let asked = steps.firstIndex { if case .probing = $0 { true } else { false } } ?? steps.count
      return !steps[asked...].contains { if case .knocked = $0 { true } else { false } }
    }
  }
}

/// Real listeners on the ports of LPD and IPP, each test on an address of its own.
@Suite(.timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "only root may listen on ports 515 and 631"))
struct Examinations {
  private let steps = Steps()

  private func scan(
    _ exporter: FakeExporter, _ lines: String = "scheme: auto", known: [Endpoint: ScanOrder.Known] = [:],
    with scanner: Scanner? = nil
  ) async throws -> ScanOutcome {
    let scanner = try scanner ?? Scanner()
    return await scanner.scan(try order(config(exporter.endpoint, lines), known: known)) { [steps] in steps.note($1) }
  }

  @Test func whereNobodyListensOnEitherIsAnExporter() async throws {
    let exporter = try FakeExporter("127.93.1.1", port: 9_105)
    let outcome = try await scan(exporter)
    #expect(outcome.report.seen.keys.sorted() == [exporter.endpoint])
    #expect(steps.knocked == [515, 631])
    #expect(steps.isInOrder)
    #expect(exporter.requests.count == 1)
  }

  @Test func whereLPDListensNothingIsSent() async throws {
    let exporter = try FakeExporter("127.93.2.1", port: 9_105)
    let lpd = try FakeExporter("127.93.2.1", port: 515, says: nil)
    let scanner = try Scanner()
    let first = try await scan(exporter, with: scanner)
    #expect(first.others == [exporter.endpoint: .printer(.lpd)])
    #expect(first.otherCounts == ["printer": 1])
    #expect(first.newSuspects.keys.sorted() == [exporter.endpoint])
    #expect(first.report.seen == [:] && first.report.isComplete)
    #expect(exporter.requests == [])
    // And neither to the port of LPD: it is knocked at, and no more.
    #expect(lpd.requests == [])
    let second = try await scan(exporter, with: scanner)
    #expect(second.summary.passedOver == 1)
    #expect(second.summary.opened == 0)
    #expect(second.newSuspects == [:])
    #expect(steps.knocked == [515, 631])
  }

  @Test(arguments: ["HP HTTP Server; HP LaserJet", nil])
  func whereIPPAnswersNothingIsSent(server: String?) async throws {
    let address = "127.93.3.\(server?.count ?? 1)"
    let exporter = try FakeExporter(address, port: 9_105)
    let printer = try FakeExporter(address, port: 631, says: ipp(server))
    let outcome = try await scan(exporter)
    #expect(outcome.others == [exporter.endpoint: .printer(.ipp(server: server))])
    #expect(exporter.requests == [])
    #expect(printer.requests.first?.hasPrefix("GET / HTTP/1.1\r\n") == true)
  }

  @Test func whatClosesOnThePortOfIPPIsASuspectAsWell() async throws {
    let exporter = try FakeExporter("127.93.4.1", port: 9_105)
    let printer = try FakeExporter("127.93.4.1", port: 631, says: nil)
    #expect(try await scan(exporter).others == [exporter.endpoint: .printer(.silentIPP)])
    withExtendedLifetime(printer) {}
  }

  @Test func aComputerThatSharesItsPrintersIsNone() async throws {
    let exporter = try FakeExporter("127.93.5.1", port: 9_105)
    let cups = try FakeExporter("127.93.5.1", port: 631, says: ipp("CUPS/2.4 IPP/2.1"))
    #expect(try await scan(exporter).report.seen.keys.sorted() == [exporter.endpoint])
    #expect(cups.requests.count == 1)
    #expect(steps.isInOrder)
  }

  @Test(arguments: [(6, UInt16(9_105), "not_printers: [127.93.6.1]"), (7, 9_111, "scheme: auto")])
  func whatCannotBeAPrinterIsNotExamined(third: Int, port: UInt16, lines: String) async throws {
    let exporter = try FakeExporter("127.93.\(third).1", port: port)
    let lpd = try FakeExporter("127.93.\(third).1", port: 515, says: nil)
    #expect(try await scan(exporter, lines).report.seen.keys.sorted() == [exporter.endpoint])
    #expect(steps.knocked == [])
    withExtendedLifetime(lpd) {}
  }

  @Test func aTargetThatHasProvenItselfIsNotExamined() async throws {
    let exporter = try FakeExporter("127.93.8.1", port: 9_105)
    let lpd = try FakeExporter("127.93.8.1", port: 515, says: nil)
    #expect(try await scan(exporter, known: [exporter.endpoint: .init(isTrusted: true)]).report.seen.count == 1)
    #expect(steps.knocked == [])
    // One that fell silent may have become something else.
    let outcome = try await scan(exporter, known: [exporter.endpoint: .init(isTrusted: false)])
    #expect(outcome.report.refused == [exporter.endpoint: "\(Suspicion.lpd)"])
    #expect(outcome.report.missed == [:])
    #expect(outcome.others == [:])
    #expect(exporter.requests.count == 1)
    withExtendedLifetime(lpd) {}
  }

  /// Many at once on few places: each waits for two knocks.
  @Test func manyAreExaminedAtOnce() async throws {
    let exporters = try (1...30).map { try FakeExporter("127.93.9.\($0)", port: 9_105, nodename: "host-\($0)") }
    let lpd = try FakeExporter("127.93.9.7", port: 515, says: nil)
    let text = "scan_configs: [{job_name: node, ranges: [127.93.9.1-30], ports: [9105]}]"
    let scanner = try Scanner(SweepLimits(rate: 100_000, concurrency: 2))
    let outcome = await scanner.scan(try order(text))
    #expect(outcome.report.seen.count == 29)
    #expect(outcome.others == [exporters[6].endpoint: .printer(.lpd)])
    #expect(lpd.requests == [])
  }
}

@Suite(.timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "only root may listen on ports 515 and 631"))
struct SuspectsOfADaemon {
  @Test func areToldOnceAndShown() async throws {
    let exporter = try FakeExporter("127.93.10.1", port: 9_105)
    let lpd = try FakeExporter("127.93.10.1", port: 515, says: nil)
    let reason = "may be a printer: it accepts connections on port 515 (LPD)"
    try await withDaemon(config(exporter.endpoint)) { daemon in
      let notice = await daemon.heard.log("job 'node': \(exporter.endpoint) may be a printer")
      #expect(
        notice?.message == "job 'node': \(exporter.endpoint) \(reason); nothing is sent to it and it is not listed;"
          + " if it is none, write 127.93.10.1 into 'not_printers'")
      #expect(notice?.level == .notice)
      #expect(notice?.fields["SUBNET_SD_EVENT"] == "printer_suspected")
      #expect(notice?.fields["SUBNET_SD_TARGET"] == "\(exporter.endpoint)")
      #expect(notice?.fields["SUBNET_SD_REASON"] == reason)
      for _ in 0..<3 { await daemon.heard.log("job 'node': 0 targets; ") }
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "printer_suspected" } == 1)
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .refused))
      let cells = String(decoding: rows.output, as: UTF8.self).split(separator: "\n").map {
        $0.split(separator: "\t").map(String.init)
      }
      #expect(cells.first == ["ENDPOINT", "JOB", "VERDICT", "SINCE", "ASKED AGAIN", "REASON"])
      #expect(cells.last?.prefix(3) == ["\(exporter.endpoint)", "node", "printer"])
      #expect(cells.last?.last == reason)
    }
    withExtendedLifetime(lpd) {}
  }

  /// It is one no more when the operator says so in the configuration.
  @Test func areTargetsOnceTheyAreClearedByAReload() async throws {
    let exporter = try FakeExporter("127.93.11.1", port: 9_105)
    let lpd = try FakeExporter("127.93.11.1", port: 515, says: nil)
    try await withDaemon(config(exporter.endpoint)) { daemon in
      await daemon.heard.log("job 'node': \(exporter.endpoint) may be a printer")
      daemon.reload(config(exporter.endpoint, "not_printers: [127.93.11.1]"))
      await daemon.heard.log("job 'node': \(exporter.endpoint) is new: ")
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .refused))
      #expect(String(decoding: rows.output, as: UTF8.self).split(separator: "\n").count == 1)
    }
    withExtendedLifetime(lpd) {}
  }

  /// A target of a file of before, or one that was silent, at the address of a printer now.
  @Test func areTakenOutThoughTheyWereTargets() async throws {
    let exporter = try FakeExporter("127.93.12.1", port: 9_105)
    try await withDaemon(config(exporter.endpoint)) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      exporter.stop()
      await daemon.heard.log("job 'node': \(exporter.endpoint) is silent: ")
      let lpd = try FakeExporter("127.93.12.1", port: 515, says: nil)
      let printer = try FakeExporter("127.93.12.1", port: 9_105, says: nil)
      let gone = await daemon.heard.log("job 'node': \(exporter.endpoint) is gone: it may be a printer")
      #expect(gone?.fields["SUBNET_SD_EVENT"] == "target_gone")
      #expect(gone?.message.hasSuffix("; if it is none, write 127.93.12.1 into 'not_printers'") == true)
      await daemon.heard.log("job 'node': 0 targets; ")
      #expect(daemon.targets() == [])
      #expect(printer.requests == [])
      withExtendedLifetime(lpd) {}
    }
  }
}
