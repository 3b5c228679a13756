import Addressing
import Controlling
import Exporters
import Inventory
import Logging
import Publishing
import Support
import Testing

@testable import Daemon

/// A list that Prometheus reads with a password must not lead it to send that in the clear.
@Suite(.timeLimit(.minutes(5))) struct Encryptions {
  private let directory: TemporaryDirectory
  private let credentials: String

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("s3cret", to: "secret")
    credentials = "basic_auth: {username: prom, password_file: \(directory.path(of: "secret"))}"
  }

  private func config(_ jobs: String...) -> String { "scan_configs:\n" + jobs.map { "  - {\($0)}\n" }.joined() }

  private func job(_ name: String, _ exporter: FakeExporter, _ keys: String = "labels: {}") -> String {
    "job_name: \(name), ranges: [\(exporter.endpoint.address)], ports: [\(exporter.endpoint.port)], \(keys)"
  }

  private func lists(_ daemon: RunningDaemon, _ exporter: FakeExporter, _ scheme: Scheme, in file: String) {
    let text = daemon.directory.text(of: "file_sd/\(file)") ?? ""
    #expect(text.contains("\(exporter.endpoint)"))
    #expect(text.contains(#""__scheme__": "https""#) == (scheme == .https))
  }

  private let usual = "service_discovery.yml"

  @Test func aJobThatGetsAPasswordListsWhatItHadWithHTTPS() async throws {
    let exporter = try FakeExporter("127.97.1.1")
    try await withDaemon(config(job("node", exporter))) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      lists(daemon, exporter, .http, in: usual)
      let asked = exporter.requests.count
      daemon.reload(config(job("node", exporter, credentials)))
      let warning = await daemon.heard.log(
        "job 'node': 1 target found or listed without https, and the job has credentials: listed with https, so that"
      )
      #expect(warning?.level == .warning)
      lists(daemon, exporter, .https, in: usual)
      await daemon.heard.log(
        "job 'node': \(exporter.endpoint) is silent: speaks plain HTTP, and the job has credentials; write 'scheme: http'"
      )
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      lists(daemon, exporter, .https, in: usual)
      let targets = await daemon.ask(.targets(format: .json, job: nil, state: nil)).output
      #expect(String(decoding: targets, as: UTF8.self).contains(#""scheme":"https""#))
      // A scan that was under way asked once more, before the reload.
      #expect(exporter.requests.count <= asked + 1)
      // It was no TLS of before that was lost.
      #expect(daemon.heard.entries.allSatisfy { $0.fields["SUBNET_SD_EVENT"] != "target_downgraded" })
      daemon.reload(config(job("node", exporter, "scheme: http, \(credentials)")))
      await daemon.heard.log("job 'node': \(exporter.endpoint) is back after ")
      lists(daemon, exporter, .http, in: usual)
      #expect(daemon.heard.entries.count { $0.message.contains("found or listed without https, and") } == 1)
    }
  }

  @Test func aProcessThatStartsWithAPasswordDoesSoBeforeItScans() async throws {
    let exporter = try FakeExporter("127.97.2.1")
    let state = try TemporaryDirectory()
    try await withDaemon(config(job("node", exporter)), in: state) { await $0.heard.log("job 'node': 1 target; ") }
    try await withDaemon(config(job("node", exporter, credentials)), every: .seconds(3_600), in: state) { daemon in
      await daemon.heard.log("job 'node': 1 target found or listed without https, and the job has credentials: ")
      await daemon.heard.notification("READY=1\n")
      lists(daemon, exporter, .https, in: usual)
    }
  }

  /// No matter what wrote it.
  @Test func whatATargetFileListsIsListedWithHTTPS() async throws {
    let exporter = try FakeExporter("127.97.3.1")
    let state = try TemporaryDirectory()
    try await withDaemon(config(job("node", exporter)), in: state) { await $0.heard.log("job 'node': 1 target; ") }
    try state.remove("inventory")
    try await withDaemon(config(job("node", exporter, credentials)), in: state) { daemon in
      await daemon.heard.notification("READY=1\n")
      lists(daemon, exporter, .https, in: usual)
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      lists(daemon, exporter, .https, in: usual)
    }
  }

  @Test func aTargetThatMovesToAJobWithAPasswordIsListedThereWithHTTPS() async throws {
    let exporter = try FakeExporter("127.97.4.1")
    try await withDaemon(config(job("open", exporter, "target_file: open.yml"))) { daemon in
      await daemon.heard.log("job 'open': 1 target; ")
      daemon.reload(config(job("node", exporter, "target_file: node.yml, \(credentials)")))
      await daemon.heard.log("job 'open': \(exporter.endpoint) moves to job 'node'")
      await daemon.heard.log("job 'node': \(exporter.endpoint) is silent: speaks plain HTTP")
      lists(daemon, exporter, .https, in: "node.yml")
    }
  }

  /// A target of another job that stands in this one's file for a while.
  @Test func whatIsListedForAnotherJobIsListedWithHTTPS() throws {
    let exporter = "node_exporter"
    for (keys, scheme) in [("labels: {}", nil), (credentials, "https"), ("scheme: https", "https")] {
      var state = try #require(jobStates("scan_configs: [{job_name: node, ranges: [10.0.0.0/24], \(keys)}]").first)
      let endpoint = Endpoint(address: .v4(0x0A00_0001), port: 9_100)
      state.lent = [Target(endpoint: endpoint, sighting: Sighting(exporter: exporter), firstSeen: .now)]
      #expect(state.groups.map { $0.labels["__scheme__"] } == [scheme])
    }
  }

  /// Prometheus reads the old path for as long as it is told so, by then with the password.
  @Test func theFileOfBeforeListsNothingInTheClearWhereTheNewOneCannotBeWritten() async throws {
    let (exporter, state) = (try FakeExporter("127.97.6.1"), try TemporaryDirectory())
    try await withDaemon(config(job("node", exporter)), in: state) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      lists(daemon, exporter, .http, in: usual)
      daemon.reload(config(job("node", exporter, "target_file: /nowhere/x.yml, \(credentials)")))
      let warning = await daemon.heard.log("job 'node': \(state.path(of: "file_sd/\(usual)")) is kept no longer")
      #expect(warning?.level == .warning)
      #expect(warning?.message.contains(" and lists 1 target with https until another file lists it: ") == true)
      lists(daemon, exporter, .https, in: usual)
      for _ in 0..<2 { await daemon.heard.log("job 'node': 1 target, 1 of them silent; ") }
      lists(daemon, exporter, .https, in: usual)
      #expect(daemon.heard.entries.count { $0.message.contains(" is kept no longer") } == 1)
    }
  }

  @Test func theFileOfAJobThatIsGoneListsNothingInTheClearForAnHeirWithAPassword() async throws {
    let (exporter, other) = (try FakeExporter("127.97.7.1"), try FakeExporter("127.97.7.2"))
    let kept = job("kept", other, "target_file: kept.yml")
    try await withDaemon(config(job("open", exporter, "target_file: open.yml"), kept)) { daemon in
      await daemon.heard.log("job 'open': 1 target; ")
      daemon.reload(config(job("node", exporter, "target_file: /nowhere/x.yml, \(credentials)"), kept))
      await daemon.heard.log("job 'open': \(daemon.directory.path(of: "file_sd/open.yml")) is kept no longer")
      lists(daemon, exporter, .https, in: "open.yml")
      await daemon.heard.log("job 'kept': 1 target; ")
      lists(daemon, other, .http, in: "kept.yml")
    }
  }

  /// Another job keeps the old path now, and lists there what has no place of its own yet.
  @Test func whatAFileListsForAJobWithAPasswordIsListedWithHTTPS() async throws {
    let (exporter, other) = (try FakeExporter("127.97.8.1"), try FakeExporter("127.97.8.2"))
    try await withDaemon(config(job("node", exporter, "target_file: a.yml"))) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      daemon.reload(
        config(
          job("node", exporter, "target_file: /nowhere/x.yml, \(credentials)"),
          job("open", other, "target_file: a.yml")))
      await daemon.heard.log("configuration reloaded")
      lists(daemon, exporter, .https, in: "a.yml")
    }
  }

  @Test func aFileThatCannotBeReplacedIsToldOfWhatItListsInTheClear() async throws {
    let (exporter, state) = (try FakeExporter("127.97.9.1"), try TemporaryDirectory())
    try await withDaemon(config(job("node", exporter)), in: state) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      try state.write("- targets: ['\(exporter.endpoint)', 'elsewhere:9100']\n", to: "file_sd/\(usual)")
      await daemon.heard.log("job 'node': '\(state.path(of: "file_sd/\(usual)"))' lists 1 target ")
      daemon.reload(config(job("node", exporter, credentials)))
      let path = state.path(of: "file_sd/\(usual)")
      let warning = await daemon.heard.log("job 'node': '\(path)' lists 2 targets without https, and the job has cred")
      #expect(warning?.level == .warning)
      for _ in 0..<3 { await daemon.heard.log("job 'node': 1 target, 1 of them silent; ") }
      #expect(daemon.heard.entries.count { $0.message.contains(" without https, and ") } == 1)
      try state.remove("file_sd/\(usual)")
      await daemon.heard.log("job 'node': 1 target found ")
      lists(daemon, exporter, .https, in: usual)
    }
  }

  @Test func aTargetOverTLSThatSpeaksPlainHTTPIsToldOnceAndFoundAnewWhenForgotten() async throws {
    let exporter = try FakeExporter("127.97.5.1")
    let state = try TemporaryDirectory()
    let list = TargetGroup(
      targets: [exporter.endpoint], labels: ["__scheme__": "https", "__meta_subnet_sd_job": "node"])
    try state.make("file_sd")
    try state.write(String(decoding: TargetFileFormat.json.render([list]), as: UTF8.self), to: "file_sd/a.json")
    let text = config(job("node", exporter, "target_file: a.json"))
    try await withDaemon(text, in: state) { daemon in
      let warning = await daemon.heard.log("job 'node': \(exporter.endpoint) is downgraded: speaks plain HTTP, and ")
      #expect(warning?.level == .warning)
      for _ in 0..<3 { await daemon.heard.log("job 'node': 1 target, 1 of them silent; ") }
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "target_downgraded" } == 1)
      #expect(exporter.requests == [])
      let memory = await daemon.ask(.refusal(exporter.endpoint)).output
      #expect(String(decoding: memory, as: UTF8.self).hasPrefix("tls\tthe daemon knows it over TLS, for "))
    }
    try await withDaemon(text, in: state) { daemon in
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      #expect(daemon.heard.entries.allSatisfy { $0.fields["SUBNET_SD_EVENT"] != "target_downgraded" })
      #expect(exporter.requests == [])
      #expect(await daemon.ask(.forget([exporter.endpoint])).isDone)
      await daemon.heard.log("job 'node': \(exporter.endpoint) is new: ")
      #expect(daemon.directory.text(of: "file_sd/a.json")?.contains("__scheme__") == false)
    }
  }
}
