import Addressing
import Controlling
import Inventory
import Logging
import Probing
import Support
import Testing

@testable import Daemon

extension ControlReply {
  fileprivate var lines: [String] { String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init) }
}

/// What answers and is no target, as an operator sees it. On ports on which no printer listens.
@Suite(.timeLimit(.minutes(5))) struct RefusedEndpoints {
  private func config(_ exporters: FakeExporter...) -> String {
    let addresses = exporters.map { "\($0.endpoint.address)" }.joined(separator: ", ")
    return "scan_configs: [{job_name: node, ranges: [\(addresses)], ports: [\(exporters[0].endpoint.port)]}]"
  }

  @Test func whatIsMuteIsLeftAloneAfterTheSecondTime() async throws {
    let mute = try FakeExporter("127.94.1.1", says: nil)
    try await withDaemon(config(mute)) { daemon in
      for _ in 0..<2 { await daemon.heard.log("job 'node': 0 targets; 1 of 1 endpoints in ") }
      let line = await daemon.heard.log("job 'node': 0 targets; 0 of 1 endpoints in ")
      #expect(line?.message.hasSuffix(": 0 refused, 0 unanswered, 1 left alone for now") == true)
      let rows = await daemon.ask(.targets(format: .rows, job: "node", state: .refused)).lines
      #expect(rows.count == 2)
      let cells = rows[1].split(separator: "\t").map(String.init)
      #expect(cells.prefix(3) == ["\(mute.endpoint)", "node", "mute"])
      #expect(["in 59m59s", "in 1h"].contains { cells[4].hasPrefix($0.prefix(5)) })
      #expect(cells[5] == "accepted the connection and closed it without an answer")
      let json = await daemon.ask(.targets(format: .json, job: nil, state: .refused)).lines
      let item = try #require(json.first { $0.hasPrefix(#"{"endpoint""#) })
      #expect(item.hasPrefix(#"{"endpoint":"\#(mute.endpoint)","job":"node","verdict":"mute","reason":"accepted the "#))
      #expect(item.contains(#","since":"20"#) && item.contains(#","asked_again":"20"#))
      let all = await daemon.ask(.targets(format: .rows, job: nil, state: nil))
      #expect(all.messages == ["what answers and is no target: 1 endpoint, see --state refused"])
    }
  }

  @Test func whatIsForgottenIsAskedAtTheNextScan() async throws {
    let mute = try FakeExporter("127.94.2.1", says: nil)
    try await withDaemon(config(mute)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; 0 of 1 endpoints in ")
      let reply = await daemon.ask(.forget([mute.endpoint]))
      #expect(reply == ControlReply(output: Array("\(mute.endpoint) is looked at again at the next scan\n".utf8)))
      mute.stop()
      let exporter = try FakeExporter("127.94.2.1", port: mute.endpoint.port)
      await daemon.heard.log("job 'node': \(exporter.endpoint) is new: ")
    }
  }

  @Test func whatIsLeftAloneStaysSoOverARestart() async throws {
    let directory = try TemporaryDirectory()
    let mute = try FakeExporter("127.94.3.1", says: nil)
    try await withDaemon(config(mute), in: directory) { daemon in
      await daemon.heard.log("job 'node': 0 targets; 0 of 1 endpoints in ")
    }
    #expect(directory.text(of: "inventory")?.contains("refused\t\(mute.endpoint)\tmute\t") == true)
    try await withDaemon(config(mute), every: .seconds(3_600), in: directory) { daemon in
      let line = await daemon.heard.log("job 'node': 0 targets; ")
      #expect(line?.message.contains(" 0 of 1 endpoints in ") == true)
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .refused)).lines
      #expect(rows.count == 2)
    }
  }

  @Test func whatAnswersSomethingElseIsAskedAtEachScan() async throws {
    let page = try FakeExporter(
      "127.94.4.1", says: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    try await withDaemon(config(page)) { daemon in
      for _ in 0..<4 { await daemon.heard.log("job 'node': 0 targets; 1 of 1 endpoints in ") }
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .refused)).lines
      #expect(
        rows.last == "\(page.endpoint)\tnode\tno_exposition\t-\tat each scan\tanswers with HTTP status 404")
      #expect(page.requests.count >= 4)
    }
  }

  /// What closes connections while it starts is an exporter at the next scan.
  @Test func whatBeginsToAnswerIsATarget() async throws {
    let mute = try FakeExporter("127.94.5.1", says: nil)
    try await withDaemon(config(mute), every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; 1 of 1 endpoints in ")
      mute.stop()
      let exporter = try FakeExporter("127.94.5.1", port: mute.endpoint.port)
      daemon.post.yield(.scanDue(job: 0))
      await daemon.heard.log("job 'node': \(exporter.endpoint) is new: ")
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .refused)).lines
      #expect(rows.count == 1)
    }
  }
}

/// What a scan meets that somebody may want to look at.
@Suite(.timeLimit(.minutes(5))) struct Oddities {
  private let text = "scan_configs: [{job_name: node, ranges: [127.94.6.1], ports: [9]}]"

  @Test func someSuspectsAreToldAndTheRestCounted() async throws {
    try await withDaemon(text, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; ")
      var outcome = scanOutcome()
      for host in 1...25 as ClosedRange<UInt32> {
        outcome.newSuspects[Endpoint(address: .v4(host), port: 9_100)] = "may be a printer"
      }
      daemon.post.yield(.scanEnded(job: 0, outcome))
      await daemon.heard.log("job 'node': 0.0.0.20:9100 may be a printer; nothing is sent to it and it is not listed")
      await daemon.heard.log("job 'node': 5 more may be printers; ")
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "printer_suspected" } == 20)
    }
  }

  @Test func aRangeInWhichEverythingAcceptsIsToldOnceAndAgainAfterAChange() async throws {
    try await withDaemon(text, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; ")
      var outcome = scanOutcome()
      outcome.acceptingPrefixes = [Prefix(containing: .v4(0x0A00_0000), length: 24)]
      let told = { daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "range_accepting" } }
      for _ in 0..<3 { daemon.post.yield(.scanEnded(job: 0, outcome)) }
      let warning = await daemon.heard.log("job 'node': every address of 10.0.0.0/24 accepts connections")
      #expect(warning?.level == .warning)
      #expect(warning?.fields["SUBNET_SD_PREFIX"] == "10.0.0.0/24")
      for _ in 0..<3 { await daemon.heard.log("job 'node': 0 targets; ") }
      #expect(told() == 1)
      daemon.reload(text.replacing("[9]", with: "[10]"))
      await daemon.heard.log("configuration reloaded")
      await daemon.heard.log("job 'node': 0 targets; ")
      daemon.post.yield(.scanEnded(job: 0, outcome))
      await daemon.heard.log("job 'node': every address of 10.0.0.0/24 accepts connections")
      #expect(told() == 2)
    }
  }
}
