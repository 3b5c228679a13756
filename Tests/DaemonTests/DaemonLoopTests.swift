import Addressing
import Logging
import Support
import Testing

@testable import Daemon
@testable import Sweeping

/// Nothing is waited for without an end.
@Suite(.timeLimit(.minutes(5))) struct DaemonLoops {
  private func config(_ ranges: String, port: UInt16, _ more: String = "") -> String {
    """
    scan_configs:
      - job_name: node
        ranges: [\(ranges)]
        ports: [\(port)]
    \(more)
    """
  }

  @Test func findsWhatIsThereAndWhatComes() async throws {
    let first = try FakeExporter("127.88.1.1")
    try await withDaemon(config("127.88.1.1-6", port: first.endpoint.port)) { daemon in
      await daemon.heard.notification("READY=1\nSTATUS=0 targets in 1 job; node: first scan of 6 endpoints")
      let new = await daemon.heard.log("job 'node': \(first.endpoint) is new: node_exporter 1.5.0 web-01")
      #expect(new?.level == .notice)
      #expect(new?.fields["SUBNET_SD_EVENT"] == "target_new")
      let path = daemon.directory.path(of: "file_sd/service_discovery.yml")
      await daemon.heard.log("job 'node': \(path) replaced, 1 target")
      let complete = await daemon.heard.log("job 'node': 1 target; 6 of 6 endpoints in ")
      #expect(complete?.level == .info)
      #expect(complete?.message.hasSuffix(": 5 refused, 0 unanswered") == true)
      #expect(daemon.targets() == ["\(first.endpoint)"])

      let second = try FakeExporter("127.88.1.2", port: first.endpoint.port, nodename: "web-02")
      await daemon.heard.log("job 'node': \(second.endpoint) is new: node_exporter 1.5.0 web-02")
      await daemon.heard.log("job 'node': \(path) replaced, 2 targets")
      #expect(daemon.targets() == ["\(first.endpoint)", "\(second.endpoint)"])
    }
  }

  @Test func whoStopsIsSilentAndStaysUntilItIsBack() async throws {
    let (stays, stops) = try (FakeExporter("127.88.2.1"), FakeExporter("127.88.2.2"))
    let text = """
      scan_configs:
        - {job_name: node, ranges: [127.88.2.1-2], ports: [\(stays.endpoint.port), \(stops.endpoint.port)]}
      """
    try await withDaemon(text) { daemon in
      await daemon.heard.log("job 'node': 2 targets; ")
      let listed = daemon.targets()
      #expect(listed?.sorted() == ["\(stays.endpoint)", "\(stops.endpoint)"].sorted())
      stops.stop()
      let silent = await daemon.heard.log("job 'node': \(stops.endpoint) is silent: ")
      #expect(silent?.fields["SUBNET_SD_REASON"] == "connection refused")
      await daemon.heard.log("job 'node': 2 targets, 1 of them silent; ")
      await daemon.heard.notification("STATUS=2 targets in 1 job, 1 silent; node: 4 endpoints in ")
      #expect(daemon.targets() == listed)

      let back = try FakeExporter("127.88.2.2", port: stops.endpoint.port)
      await daemon.heard.log("job 'node': \(back.endpoint) is back after ")
      await daemon.heard.log("job 'node': 2 targets; ")
      #expect(daemon.targets() == listed)
      // One file for all that: it lists the same.
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "replaced" } == 1)
    }
  }

  @Test func anotherMachineAtTheSamePlaceIsAnotherTarget() async throws {
    let old = try FakeExporter("127.88.3.1", nodename: "old")
    try await withDaemon(config("127.88.3.1", port: old.endpoint.port)) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      old.stop()
      await daemon.heard.log("job 'node': \(old.endpoint) is silent: ")
      let new = try FakeExporter("127.88.3.1", port: old.endpoint.port, nodename: "new")
      await daemon.heard.log("job 'node': \(new.endpoint) is gone: node_exporter new answers there now")
      await daemon.heard.log("job 'node': \(new.endpoint) is new: node_exporter 1.5.0 new")
    }
  }

  @Test func whoIsToBeRemovedAtOnceLeavesTheFile() async throws {
    let exporter = try FakeExporter("127.88.4.1")
    let text = config("127.88.4.1-2", port: exporter.endpoint.port, "    remove_after: 0s")
    try await withDaemon(text) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      exporter.stop()
      await daemon.heard.log("job 'node': \(exporter.endpoint) is gone: silent for 0.0 s and 1 missed scan")
      await daemon.heard.log("job 'node': \(daemon.directory.path)/file_sd/service_discovery.yml replaced, 0 targets")
      #expect(daemon.targets() == [])
    }
  }

  @Test func theFileOfTheProcessBeforeIsTheStart() async throws {
    let directory = try TemporaryDirectory()
    let exporter = try FakeExporter("127.88.5.1")
    let text = config("127.88.5.1-2", port: exporter.endpoint.port)
    try await withDaemon(text, in: directory) { await $0.heard.log("job 'node': 1 target; ") }
    exporter.stop()
    try await withDaemon(text, in: directory) { daemon in
      await daemon.heard.notification("READY=1\nSTATUS=1 target in 1 job; ")
      await daemon.heard.log("job 'node': \(exporter.endpoint) is silent: connection refused")
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      #expect(daemon.targets() == ["\(exporter.endpoint)"])
      #expect(daemon.heard.entries.allSatisfy { $0.fields["SUBNET_SD_EVENT"] != "target_new" })
    }
  }

  @Test func aFileOfOthersIsAnErrorOnceAndUntilItIsMovedAway() async throws {
    let directory = try TemporaryDirectory()
    try directory.make("file_sd")
    try directory.write("- targets: ['192.0.2.1:9100']\n", to: "file_sd/service_discovery.yml")
    let exporter = try FakeExporter("127.88.6.1")
    try await withDaemon(config("127.88.6.1-2", port: exporter.endpoint.port), in: directory) { daemon in
      let path = directory.path(of: "file_sd/service_discovery.yml")
      let fault = await daemon.heard.log("job 'node': '\(path)' lists 1 target that this job did not write")
      #expect(fault?.level == .error)
      #expect(fault?.fields["SUBNET_SD_EVENT"] == "replace_failed")
      for _ in 0..<3 { await daemon.heard.log("job 'node': 1 target; ") }
      #expect(daemon.heard.entries.count { $0.level == .error } == 1)
      #expect(daemon.heard.notifications.last?.contains("node: '\(path)' lists 1 target") == true)
      #expect(daemon.targets()?.count == 0)
      #expect(directory.text(of: "file_sd/service_discovery.yml")?.contains("192.0.2.1") == true)
      try directory.remove("file_sd/service_discovery.yml")
      await daemon.heard.log("job 'node': \(path) can be written again")
      await daemon.heard.log("job 'node': \(path) replaced, 1 target")
      #expect(daemon.targets() == ["\(exporter.endpoint)"])
    }
  }

  @Test func aDirectoryThatIsMissingIsRetried() async throws {
    let directory = try TemporaryDirectory()
    let exporter = try FakeExporter("127.88.7.1")
    let path = directory.path(of: "later/targets.yml")
    let text = config("127.88.7.1", port: exporter.endpoint.port, "    target_file: \(path)")
    try await withDaemon(text, in: directory) { daemon in
      let fault = await daemon.heard.log("job 'node': cannot ")
      #expect(fault?.message.contains(path) == true)
      await daemon.heard.log("job 'node': 1 target; ")
      try directory.make("later")
      await daemon.heard.log("job 'node': \(path) replaced, 1 target")
    }
  }

  @Test func terminationEndsItInTheMiddleOfAScan() async throws {
    let text = "{global: {rate: 10}, scan_configs: [{job_name: node, ranges: [127.88.8.0/24]}]}"
    let said = try await withDaemon(text) { await $0.heard.notification("READY=1") }
    #expect(said.notifications.last == "STOPPING=1\nSTATUS=Stopping")
    #expect(said.entries.last?.message == "stopping on SIGTERM")
  }

  @Test func theWatchdogIsFedWhenItIsAskedFor() async throws {
    try await withDaemon(config("127.88.9.1", port: 9)) { daemon in
      daemon.post.yield(.watchdogDue)
      await daemon.heard.notification("WATCHDOG=1")
    }
  }

  /// An hour between scans, so that what is posted is all that happens.
  @Test func anIncompleteScanIsAWarning() async throws {
    try await withDaemon(config("127.88.10.1", port: 9), every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; ")
      daemon.post.yield(.scanEnded(job: 0, scanOutcome(end: .incomplete(LocalFailure(errno: 24)), untried: 100)))
      let warning = await daemon.heard.log("job 'node': scan incomplete")
      #expect(
        warning?.message == "job 'node': scan incomplete (Too many open files): 100 endpoints not tried,"
          + " nothing counts as silent")
      #expect(warning?.level == .warning)
      #expect(warning?.fields["SUBNET_SD_REASON"] == "Too many open files")
      await daemon.heard.notification(
        "STATUS=0 targets in 1 job; node: last scan incomplete (Too many open files)")
    }
  }

  @Test func whatAJobOfThePastPostsIsNobodys() async throws {
    try await withDaemon(config("127.88.11.1", port: 9), every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; ")
      daemon.post.yield(.scanDue(job: 7))
      daemon.post.yield(.scanEnded(job: 7, scanOutcome()))
      daemon.post.yield(.watchdogDue)
      await daemon.heard.notification("WATCHDOG=1")
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "scan_complete" } == 1)
    }
  }
}
