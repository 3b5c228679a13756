import Addressing
import Controlling
import Inventory
import Support
import Testing

@testable import Daemon

extension RunningDaemon {
  /// Asks as user 7.
  func ask(_ request: ControlRequest) async -> ControlReply {
    await withCheckedContinuation { continuation in
      _ = post.yield(.asked(request, by: 7) { continuation.resume(returning: $0) })
    }
  }
}

extension ControlReply {
  fileprivate var text: String { String(decoding: output, as: UTF8.self) }
}

/// Nothing is waited for without an end.
@Suite(.timeLimit(.minutes(5))) struct Operators {
  /// Exporters on `count` addresses of a /24, all on one port, and a job that scans them.
  private func fleet(_ third: Int, _ count: Int) throws -> (exporters: [FakeExporter], job: String) {
    let first = try FakeExporter("127.90.\(third).1", nodename: "host-1")
    let port = first.endpoint.port
    let others = try (2...count).map { try FakeExporter("127.90.\(third).\($0)", port: port, nodename: "host-\($0)") }
    let job = "job_name: node, ranges: [127.90.\(third).1-\(count)], ports: [\(port)]"
    return ([first] + others, job)
  }

  @Test func seeWhatTheDaemonKnows() async throws {
    let (exporters, job) = try fleet(1, 2)
    let text = "{global: {remove_after: 1h}, scan_configs: [{\(job)}]}"
    try await withDaemon(text, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 2 targets; ")
      let (one, two) = (exporters[0].endpoint, exporters[1].endpoint)
      daemon.post.yield(.scanEnded(job: 0, scanOutcome(missed: [two: "connection refused"])))
      await daemon.heard.log("job 'node': 2 targets, 1 of them silent; ")
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: nil))
      #expect(rows.isDone)
      let lines = rows.text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
      #expect(lines.map(\.count) == [10, 10, 10])
      #expect(lines[1].prefix(3) == ["\(one)", "node", "up"])
      #expect(lines[1][6...] == ["node_exporter", "1.5.0", "host-1", "-"])
      #expect(lines[2].prefix(3) == ["\(two)", "node", "silent"])
      #expect(lines[2][5...] == ["in 1h", "node_exporter", "1.5.0", "host-2", "connection refused"])

      let json = await daemon.ask(.targets(format: .json, job: "node", state: .silent))
      #expect(json.text.contains(#"{"target":"\#(two)","job":"node","state":"silent","exporter":"node_exporter","#))
      #expect(
        json.text.contains(
          #""missed_scans":1,"reason":"connection refused","given_up":false,"leaves_in_seconds":3600}"#))
      #expect(!json.text.contains("\(one)"))
      for state in [TargetState.held, .duplicate] {
        #expect(
          await daemon.ask(.targets(format: .rows, job: nil, state: state)).text.split(separator: "\n").count == 1)
      }
      let unknown = await daemon.ask(.targets(format: .rows, job: "edge", state: nil))
      #expect(unknown == ControlReply(isDone: false, messages: ["there is no job 'edge'; the daemon has 'node'"]))
    }
  }

  @Test func forgetWhatIsSilent() async throws {
    let (exporters, job) = try fleet(2, 2)
    try await withDaemon("scan_configs: [{\(job)}]", every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 2 targets; ")
      let (one, two) = (exporters[0].endpoint, exporters[1].endpoint)
      daemon.post.yield(.scanEnded(job: 0, scanOutcome(missed: [two: "connection refused"])))
      await daemon.heard.log("job 'node': 2 targets, 1 of them silent; ")
      let nowhere = Endpoint(address: .v4(1), port: 1)
      let reply = await daemon.ask(.forget([two, one, nowhere]))
      #expect(!reply.isDone)
      #expect(reply.text == "\(two) of job 'node' is forgotten\n")
      #expect(
        reply.messages == [
          "0.0.0.1:1 is no target",
          "\(one) answers, and would be found again; to leave it out, write it into 'exclude'",
        ])
      let event = await daemon.heard.log("job 'node': \(two) is gone: forgotten by user 7")
      #expect(event?.fields["SUBNET_SD_EVENT"] == "target_forgotten")
      #expect(daemon.targets() == ["\(one)"])
    }
  }

  @Test func releaseAHold() async throws {
    let (exporters, job) = try fleet(3, 4)
    let text = "{global: {remove_after: 0s}, scan_configs: [{\(job)}]}"
    try await withDaemon(text, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 4 targets; ")
      let dead = exporters.dropFirst().map(\.endpoint)
      let missed = Dictionary(uniqueKeysWithValues: dead.map { ($0, "connection refused") })
      daemon.post.yield(.scanEnded(job: 0, scanOutcome(missed: missed)))
      await daemon.heard.log("job 'node': hold begins: 3 of 4 targets are silent; ")
      await daemon.heard.notification(
        "STATUS=4 targets in 1 job, 3 silent; node: hold, 3 of 4 targets are silent, nothing is removed")
      #expect(daemon.targets()?.count == 4)
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .held))
      #expect(rows.text.split(separator: "\n").count == 4)
      #expect(rows.messages.count == 1)
      #expect(rows.messages.first?.hasSuffix("if they are really gone: subnet-sd release node") == true)
      let json = await daemon.ask(.targets(format: .json, job: nil, state: nil))
      #expect(json.text.contains(#""silent":3,"total":4}"#))

      #expect(
        await daemon.ask(.release(job: "edge", prefix: nil)).messages == [
          "there is no job 'edge'; the daemon has 'node'"
        ])
      let prefix = Prefix(text: "127.90.3.0/24")
      #expect(
        await daemon.ask(.release(job: "node", prefix: prefix)).messages
          == ["job 'node' has no hold of 127.90.3.0/24; to end the hold: subnet-sd release node"])
      let reply = await daemon.ask(.release(job: "node", prefix: nil))
      #expect(reply == ControlReply(output: Array("job 'node': hold is over\njob 'node': 3 targets removed\n".utf8)))
      let event = await daemon.heard.log(
        "job 'node': hold is over: released by user 7, so what is silent is gone")
      #expect(event?.fields["SUBNET_SD_EVENT"] == "hold_ended")
      for endpoint in dead.sorted() { await daemon.heard.log("job 'node': \(endpoint) is gone: silent for ") }
      #expect(daemon.targets() == ["\(exporters[0].endpoint)"])
      #expect(await daemon.ask(.release(job: "node", prefix: nil)).messages == ["job 'node' has no hold"])
    }
  }

  @Test func areToldWhatIsNotPublishedYet() async throws {
    let (exporters, job) = try fleet(5, 2)
    try await withDaemon("scan_configs: [{\(job)}]", every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 2 targets; ")
      let two = exporters[1].endpoint
      daemon.post.yield(.scanEnded(job: 0, scanOutcome(missed: [two: "connection refused"])))
      await daemon.heard.log("job 'node': 2 targets, 1 of them silent; ")
      try daemon.directory.remove("file_sd")
      let reply = await daemon.ask(.forget([two, two]))
      #expect(!reply.isDone)
      #expect(String(decoding: reply.output, as: UTF8.self) == "\(two) of job 'node' is forgotten\n")
      #expect(reply.messages.count == 1)
      #expect(
        reply.messages.first?.hasPrefix("job 'node': Prometheus is not told yet: cannot open the directory") == true)
    }
  }

  @Test func listOneAddressOfAMachine() async throws {
    let (exporters, job) = try fleet(4, 3)
    let text = "scan_configs: [{\(job), duplicates: first}]"
    try await withDaemon(text, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 3 targets; ")
      var outcome = scanOutcome()
      for exporter in exporters.dropFirst() {
        outcome.report.seen[exporter.endpoint] = .init(exporter: "node_exporter", nodename: "gateway", startTime: 5)
      }
      daemon.post.yield(.scanEnded(job: 0, outcome))
      await daemon.heard.log("job 'node': \(exporters[2].endpoint) is another address of gateway: the same process")
      await daemon.heard.log("job 'node': 3 targets; ")
      #expect(daemon.targets() == exporters.prefix(2).map { "\($0.endpoint)" })
      let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .duplicate))
      #expect(rows.text.contains("same process as \(exporters[1].endpoint)"))
    }
  }
}
