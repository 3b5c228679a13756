import Addressing
import Exporters
import Logging
import Support
import Sweeping
import Testing

@testable import Daemon
@testable import Probing

/// Nothing is waited for without an end.
@Suite(.timeLimit(.minutes(5))) struct Reloads {
  private func config(_ jobs: String...) -> String {
    "scan_configs:\n" + jobs.map { "  - \($0)\n" }.joined()
  }

  @Test func aRangeThatIsAddedIsScanned() async throws {
    let (first, second) = try (FakeExporter("127.89.1.1"), FakeExporter("127.89.1.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    try await withDaemon(config("{job_name: node, ranges: [127.89.1.1], \(ports)}")) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      daemon.reload(config("{job_name: node, ranges: [127.89.1.1-2], \(ports)}"))
      await daemon.heard.notification("RELOADING=1\nMONOTONIC_USEC=")
      await daemon.heard.notification("READY=1\nSTATUS=1 target in 1 job; ")
      await daemon.heard.log("job 'node': \(second.endpoint) is new: ")
      await daemon.heard.log("job 'node': 2 targets; ")
      #expect(daemon.targets()?.count == 2)
      #expect(daemon.heard.entries.count { $0.message == "configuration reloaded, 1 job" } == 1)
      #expect(daemon.heard.entries.allSatisfy { $0.fields["SUBNET_SD_EVENT"] != "target_silent" })
    }
  }

  /// At once: an hour between scans does not keep them.
  @Test func aRangeThatIsRemovedTakesItsTargetsAlong() async throws {
    let (first, second) = try (FakeExporter("127.89.2.1"), FakeExporter("127.89.2.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let start = config("{job_name: node, ranges: [127.89.2.1-2], \(ports)}")
    try await withDaemon(start, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': \(daemon.directory.path)/file_sd/service_discovery.yml replaced, 2 targets")
      daemon.reload(config("{job_name: node, ranges: [127.89.2.1-2], exclude: [127.89.2.2], \(ports)}"))
      await daemon.heard.log("job 'node': \(second.endpoint) is gone: not in the job's ranges any more")
      await daemon.heard.log("job 'node': \(daemon.directory.path)/file_sd/service_discovery.yml replaced, 1 target")
      #expect(daemon.targets() == ["\(first.endpoint)"])
    }
  }

  /// A scan that ended while the configuration was read cannot be cancelled any more; what it found is of the old ranges,
  /// and no later scan would miss it there.
  @Test func whatAScanOfTheOldRangesFoundIsDropped() async throws {
    let (first, second) = try (FakeExporter("127.89.12.1"), FakeExporter("127.89.12.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let start = config("{job_name: node, ranges: [127.89.12.1-2], \(ports)}")
    try await withDaemon(start, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 2 targets; ")
      var findings = Findings(for: try order(start))
      _ = findings.take(found(.exporter(Identity(exporter: "node_exporter"))), of: second.endpoint)
      let late = findings.outcome(SweepSummary(), duration: .zero)
      daemon.reload(config("{job_name: node, ranges: [127.89.12.1], \(ports)}"))
      daemon.post.yield(.scanEnded(job: 0, late))
      await daemon.heard.log("job 'node': \(second.endpoint) is gone: ")
      await daemon.heard.log("job 'node': 1 target; ")
      #expect(daemon.targets() == ["\(first.endpoint)"])
      #expect(daemon.heard.entries.count { $0.message.hasPrefix("job 'node': \(second.endpoint) is new") } == 1)
    }
  }

  @Test func twoJobsWithOneFileByTwoPathsAreRefused() async throws {
    let exporter = try FakeExporter("127.89.13.1")
    let job = "ranges: [127.89.13.1], ports: [\(exporter.endpoint.port)]"
    try await withDaemon(config("{job_name: node, \(job)}")) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      let path = "\(daemon.directory.path)/file_sd/service_discovery.yml"
      daemon.reload(config("{job_name: node, \(job)}", "{job_name: other, \(job), target_file: \(path)}"))
      await daemon.heard.log("jobs 'node' and 'other' have one target file, '")
      await daemon.heard.log("configuration not reloaded, keeping the previous one")
    }
  }

  /// Nobody is up at that moment, so that only what was known can be listed.
  @Test func aRenamedJobGoesOnWithItsTargetsAndItsFile() async throws {
    let exporter = try FakeExporter("127.89.14.1")
    let job = "ranges: [127.89.14.1], ports: [\(exporter.endpoint.port)]"
    try await withDaemon(config("{job_name: a, \(job)}"), every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'a': 1 target; ")
      exporter.stop()
      daemon.reload(config("{job_name: aa, \(job)}"))
      await daemon.heard.log("job 'a': \(exporter.endpoint) moves to job 'aa'")
      let path = "\(daemon.directory.path)/file_sd/service_discovery.yml"
      await daemon.heard.log("job 'aa': \(path) replaced, 1 target")
      await daemon.heard.log("job 'aa': \(exporter.endpoint) is silent")
      await daemon.heard.log("job 'aa': 1 target, 1 of them silent; ")
      #expect(daemon.targets() == ["\(exporter.endpoint)"])
      #expect(!daemon.heard.entries.contains { $0.message.contains("is kept no longer") })
    }
  }

  @Test func labelsAreNewWithoutAnotherScan() async throws {
    let exporter = try FakeExporter("127.89.3.1")
    let job = "job_name: node, ranges: [127.89.3.1], ports: [\(exporter.endpoint.port)]"
    try await withDaemon(config("{\(job)}"), every: .seconds(3_600)) { daemon in
      let path = "\(daemon.directory.path)/file_sd/service_discovery.yml"
      await daemon.heard.log("job 'node': \(path) replaced, 1 target")
      daemon.reload(config("{\(job), labels: {env: prod}}"))
      await daemon.heard.log("job 'node': \(path) replaced, 1 target")
      #expect(daemon.directory.text(of: "file_sd/service_discovery.yml")?.contains("prod") == true)
    }
  }

  @Test func aWrongConfigurationIsRefusedAsAWhole() async throws {
    let exporter = try FakeExporter("127.89.4.1")
    let job = "job_name: node, ranges: [127.89.4.1], ports: [\(exporter.endpoint.port)]"
    try await withDaemon(config("{\(job)}")) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      let other = "{job_name: other, ranges: [127.89.4.1], target_file: other.yml}"
      daemon.reload(config(other, "{job_name: node, ranges: [x], colour: red}"))
      await daemon.heard.notification("RELOADING=1")
      await daemon.heard.notification("READY=1\nSTATUS=1 target in 1 job; node: ")
      await daemon.heard.log("job 'node': 1 target; ")
      let failures = daemon.heard.entries.filter { $0.fields["SUBNET_SD_EVENT"] == "reload_failed" }
      // Each has a reason, which the journal's catalogue puts into its text.
      #expect(failures.count == 2)
      #expect(failures.allSatisfy { $0.level == .error && $0.message.hasPrefix("config.yml:3:") })
      #expect(failures.allSatisfy { $0.fields["SUBNET_SD_REASON"] == $0.message })
      #expect(
        daemon.heard.entries.contains {
          $0.level == .error && $0.message == "configuration not reloaded, keeping the previous one"
        })
      #expect(daemon.targets() == ["\(exporter.endpoint)"])
    }
  }

  @Test func jobsComeAndGo() async throws {
    let (first, second) = try (FakeExporter("127.89.5.1"), FakeExporter("127.89.5.2"))
    let old = "{job_name: old, ranges: [127.89.5.1], ports: [\(first.endpoint.port)], target_file: old.yml}"
    let new = "{job_name: new, ranges: [127.89.5.2], ports: [\(second.endpoint.port)], target_file: new.yml}"
    try await withDaemon(config(old)) { daemon in
      await daemon.heard.log("job 'old': 1 target; ")
      daemon.reload(config(new))
      let path = "\(daemon.directory.path)/file_sd/old.yml"
      await daemon.heard.log("job 'old': \(first.endpoint) is gone: not in the job's ranges any more")
      await daemon.heard.log("job 'old': \(path) is kept no longer and lists nothing; remove it when")
      await daemon.heard.log("configuration reloaded, 1 job")
      await daemon.heard.log("job 'new': 1 target; ")
      #expect(daemon.targets("old.yml") == [])
      #expect(daemon.directory.text(of: "file_sd/old.yml")?.hasSuffix("does not read it.\n[]\n") == true)
      #expect(daemon.targets("new.yml") == ["\(second.endpoint)"])
    }
  }

  @Test func aFileThatMovesIsEmptiedOnceTheNewOneStands() async throws {
    let exporter = try FakeExporter("127.89.6.1")
    let job = "job_name: node, ranges: [127.89.6.1], ports: [\(exporter.endpoint.port)]"
    try await withDaemon(config("{\(job), target_file: a.yml}"), every: .seconds(3_600)) { daemon in
      let directory = "\(daemon.directory.path)/file_sd"
      await daemon.heard.log("job 'node': \(directory)/a.yml replaced, 1 target")
      daemon.reload(config("{\(job), target_file: b.yml}"))
      await daemon.heard.log("job 'node' moves from \(directory)/a.yml to \(directory)/b.yml")
      await daemon.heard.log("job 'node': \(directory)/b.yml replaced, 1 target")
      await daemon.heard.log("job 'node': \(directory)/a.yml is kept no longer and lists nothing")
      #expect(daemon.targets("a.yml") == [])
      #expect(daemon.targets("b.yml") == ["\(exporter.endpoint)"])
    }
  }

  /// Where the new file cannot be written, the old one goes on.
  @Test func aFileThatCannotMoveStays() async throws {
    let exporter = try FakeExporter("127.89.15.1")
    let job = "job_name: node, ranges: [127.89.15.1], ports: [\(exporter.endpoint.port)]"
    try await withDaemon(config("{\(job), target_file: a.yml}")) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      let later = daemon.directory.path(of: "later")
      daemon.reload(config("{\(job), target_file: \(later)/b.yml}"))
      await daemon.heard.log("job 'node': cannot open the directory of '\(later)/b.yml'")
      await daemon.heard.log("job 'node': 1 target; ")
      #expect(daemon.targets("a.yml") == ["\(exporter.endpoint)"])
      try daemon.directory.make("later")
      await daemon.heard.log("job 'node': \(later)/b.yml replaced, 1 target")
      await daemon.heard.log("job 'node': \(daemon.directory.path)/file_sd/a.yml is kept no longer")
      #expect(daemon.targets("a.yml") == [])
    }
  }

  /// What one job gives to another stays in its file until it stands in the other's, however long that takes.
  @Test func whatIsHandedOverIsNeverUnlisted() async throws {
    let (first, second) = try (FakeExporter("127.89.17.1"), FakeExporter("127.89.17.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let directory = try TemporaryDirectory()
    let later = directory.path(of: "later")
    let whole = "{job_name: a, ranges: [127.89.17.1-2], \(ports), target_file: a.yml}"
    let half = "{job_name: a, ranges: [127.89.17.1], \(ports), target_file: a.yml}"
    let other = "{job_name: b, ranges: [127.89.17.2], \(ports), target_file: \(later)/b.yml}"
    try await withDaemon(config(whole), in: directory) { daemon in
      await daemon.heard.log("job 'a': 2 targets; ")
      daemon.reload(config(half, other))
      await daemon.heard.log("job 'a': \(second.endpoint) moves to job 'b'")
      for _ in 0..<2 { await daemon.heard.log("job 'a': 1 target; ") }
      #expect(daemon.targets("a.yml")?.sorted() == ["\(first.endpoint)", "\(second.endpoint)"].sorted())
    }
    // Over a restart as well.
    try await withDaemon(config(half, other), in: directory) { daemon in
      for _ in 0..<2 { await daemon.heard.log("job 'a': 1 target; ") }
      #expect(daemon.targets("a.yml")?.sorted() == ["\(first.endpoint)", "\(second.endpoint)"].sorted())
      try directory.make("later")
      await daemon.heard.log("job 'b': \(later)/b.yml replaced, 1 target")
      await daemon.heard.log("job 'a': \(directory.path)/file_sd/a.yml replaced, 1 target")
      #expect(daemon.targets("a.yml") == ["\(first.endpoint)"])
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "target_gone" } == 0)
    }
  }

  /// Its heir cannot write its file, is renamed, and can then.
  @Test func whatIsLentFollowsItsHeir() async throws {
    let (first, second) = try (FakeExporter("127.89.19.1"), FakeExporter("127.89.19.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let directory = try TemporaryDirectory()
    let later = directory.path(of: "later")
    func heir(_ name: String) -> String {
      "{job_name: \(name), ranges: [127.89.19.2], \(ports), target_file: \(later)/b.yml}"
    }
    let whole = "{job_name: a, ranges: [127.89.19.1-2], \(ports), target_file: a.yml}"
    let half = "{job_name: a, ranges: [127.89.19.1], \(ports), target_file: a.yml}"
    try await withDaemon(config(whole), in: directory) { daemon in
      await daemon.heard.log("job 'a': 2 targets; ")
      for name in ["b", "c"] {
        daemon.reload(config(half, heir(name)))
        await daemon.heard.log("configuration reloaded, 2 jobs")
        for _ in 0..<2 { await daemon.heard.log("job 'a': 1 target; ") }
        #expect(daemon.targets("a.yml")?.count == 2)
      }
      try directory.make("later")
      await daemon.heard.log("job 'c': \(later)/b.yml replaced, 1 target")
      await daemon.heard.log("job 'a': \(directory.path)/file_sd/a.yml replaced, 1 target")
    }
  }

  @Test func filesThatChangePlacesLoseNobody() async throws {
    let (first, second) = try (FakeExporter("127.89.18.1"), FakeExporter("127.89.18.2"))
    func job(_ name: String, _ exporter: FakeExporter, _ address: String, _ file: String) -> String {
      "{job_name: \(name), ranges: [\(address)], ports: [\(exporter.endpoint.port)], target_file: \(file)}"
    }
    let before = config(job("a", first, "127.89.18.1", "1.yml"), job("b", second, "127.89.18.2", "2.yml"))
    let after = config(job("a", first, "127.89.18.1", "2.yml"), job("b", second, "127.89.18.2", "1.yml"))
    try await withDaemon(before) { daemon in
      await daemon.heard.log("job 'a': 1 target; ")
      await daemon.heard.log("job 'b': 1 target; ")
      daemon.reload(after)
      await daemon.heard.log("configuration reloaded, 2 jobs")
      #expect(daemon.targets("2.yml") == ["\(first.endpoint)"])
      #expect(daemon.targets("1.yml") == ["\(second.endpoint)"])
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "target_gone" } == 0)
    }
  }

  /// Both jobs know what each had found, as nobody is up any more.
  @Test func aJobThatIsSplitLosesNothing() async throws {
    let (first, second) = try (FakeExporter("127.89.16.1"), FakeExporter("127.89.16.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let whole = "{job_name: whole, ranges: [127.89.16.1-2], \(ports), target_file: whole.yml}"
    let halves = [1, 2].map { "{job_name: half\($0), ranges: [127.89.16.\($0)], \(ports), target_file: \($0).yml}" }
    try await withDaemon(config(whole), every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'whole': 2 targets; ")
      first.stop()
      second.stop()
      daemon.reload(config(halves[0], halves[1]))
      await daemon.heard.log("job 'whole': \(daemon.directory.path)/file_sd/whole.yml is kept no longer")
      #expect(daemon.targets("whole.yml") == [])
      #expect(daemon.targets("1.yml") == ["\(first.endpoint)"])
      #expect(daemon.targets("2.yml") == ["\(second.endpoint)"])
    }
  }

  /// What a scan of the old configuration finds after the reload is not believed.
  @Test func aScanUnderWayBeginsAnew() async throws {
    let exporter = try FakeExporter("127.89.7.1")
    let port = "ports: [\(exporter.endpoint.port)]"
    let slow = "{global: {rate: 1}, scan_configs: [{job_name: node, ranges: [127.89.7.0/24], \(port)}]}"
    try await withDaemon(slow, every: .seconds(3_600)) { daemon in
      await daemon.heard.notification("READY=1")
      daemon.reload("{scan_configs: [{job_name: node, ranges: [127.89.7.1-9], \(port)}]}")
      await daemon.heard.log("configuration reloaded, 1 job")
      await daemon.heard.log("job 'node': 1 target; 9 of 9 endpoints in ")
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "scan_complete" } == 1)
    }
  }

  @Test func aScanThatCannotKeepUpIsAWarning() async throws {
    let text = "{global: {rate: 1}, scan_configs: [{job_name: node, ranges: [127.89.8.0/25]}]}"
    try await withDaemon(text, every: .seconds(60)) { daemon in
      let warning = await daemon.heard.log("job 'node': a scan of 126 endpoints takes ")
      #expect(
        warning?.message
          == "job 'node': a scan of 126 endpoints takes 2m6s at least, longer than scan_interval: 1m;"
          + " scans will follow one another without a pause")
      #expect(warning?.level == .warning)
    }
  }
}
