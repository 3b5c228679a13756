import Addressing
import Inventory
import Support
import Testing

@testable import Daemon
@testable import Sweeping

/// What a daemon with many jobs does, counted.
@Suite(.timeLimit(.minutes(5))) struct ManyJobs {
  private static let count = 200

  /// So many jobs, of an address each at which `port` is asked.
  private func config(_ count: Int = Self.count, port: UInt16) -> String {
    let jobs = (0..<count).map { job in
      "- {job_name: job-\(job), ranges: [127.96.\(job / 250).\(job % 250 + 1)], ports: [\(port)], target_file: \(job).yml}"
    }
    return "scan_configs:\n" + jobs.joined(separator: "\n")
  }

  /// Waits until each job has had a scan that ended complete.
  private func waitForAll(_ daemon: RunningDaemon, _ count: Int = Self.count) async {
    var missing = Set((0..<count).map { "job-\($0)" })
    while !missing.isEmpty, let entry = await daemon.heard.log("job 'job-") {
      if entry.fields["SUBNET_SD_EVENT"] == "scan_complete" { missing.remove(entry.fields["SUBNET_SD_JOB"] ?? "") }
    }
  }

  /// How often a chore may be done meanwhile, with some over at the begin and the end.
  private func most(since begin: ContinuousClock.Instant) -> Int {
    10 + Int((ContinuousClock.now - begin) / Chores.pause(jobs: Self.count))
  }

  @Test func theServiceManagerIsToldOfAllAtOnce() async throws {
    let begin = ContinuousClock.now
    try await withDaemon(config(port: 9), every: .seconds(3_600)) { daemon in
      await waitForAll(daemon)
      for id in 0..<Self.count { daemon.post.yield(.scanDue(job: id)) }
      await waitForAll(daemon)
      // Twice for each scan it was 800.
      #expect(daemon.heard.notifications.count { $0.hasPrefix("STATUS=") } <= most(since: begin))
    }
  }

  /// Each target is new, so that each scan changes the inventory.
  @Test func theInventoryIsStoredForAllAtOnceAndBeforeTheyArePublished() async throws {
    let begin = ContinuousClock.now
    let exporter = try FakeExporter("0.0.0.0")
    let directory = try TemporaryDirectory()
    let events = try DirectoryEvents(directory.path)
    try await withDaemon(config(port: exporter.endpoint.port), every: .seconds(3_600), in: directory) { daemon in
      await waitForAll(daemon)
      for job in 0..<Self.count {
        #expect(daemon.targets("\(job).yml")?.count == 1, "job \(job)")
      }
    }
    let stores = events.names().count { $0 == "inventory" }
    #expect((1...most(since: begin)).contains(stores))
    // A target is in the inventory in whichever order they were stored.
    let stored = try #require(directory.text(of: "inventory"))
    #expect(stored.split(separator: "\n").count { $0.contains(":\(exporter.endpoint.port)") } >= Self.count)
  }

  /// With more than a few jobs a target waits for the next store; the end of the process does not take it away.
  @Test func whatIsStoredAtTheEndIsPublished() async throws {
    let exporter = try FakeExporter("0.0.0.0")
    let directory = try TemporaryDirectory()
    var listed: [String] = []
    try await withDaemon(config(30, port: exporter.endpoint.port), every: .seconds(3_600), in: directory) { daemon in
      // All scans are under way, and some have ended.
      while let entry = await daemon.heard.log("job 'job-") {
        if entry.fields["SUBNET_SD_EVENT"] == "target_new" { break }
      }
    }
    let stored = try #require(directory.text(of: "inventory")).split(separator: "\n")
      .filter { $0.hasPrefix("target\t") }.compactMap { $0.split(separator: "\t").dropFirst().first.map(String.init) }
    for job in 0..<30 { listed += targetFileEndpoints(directory.text(of: "file_sd/\(job).yml")) }
    #expect(Set(listed).isSuperset(of: stored))
    #expect(!stored.isEmpty)
  }

  private func targetFileEndpoints(_ text: String?) -> [String] {
    (text ?? "").split(separator: "\n").compactMap { line in
      let words = line.split(whereSeparator: { "- '\"".contains($0) })
      return words.first.flatMap { $0.hasPrefix("127.") ? String($0) : nil }
    }
  }

  @Test func aJobIsFoundByItsNumberWhicheverAreGone() async throws {
    try await withDaemon(config(20, port: 9), every: .seconds(3_600)) { daemon in
      await waitForAll(daemon, 20)
      let rest = config(20, port: 9).split(separator: "\n").enumerated().filter { $0.offset % 3 != 1 }.map(\.element)
      daemon.reload(rest.joined(separator: "\n"))
      await daemon.heard.log("configuration reloaded, 13 jobs")
      for id in 0..<20 { daemon.post.yield(.scanDue(job: id)) }
      var scanned: Set<String> = []
      while scanned.count < 13, let entry = await daemon.heard.log("job 'job-") {
        if entry.fields["SUBNET_SD_EVENT"] == "scan_complete" { scanned.insert(entry.fields["SUBNET_SD_JOB"] ?? "") }
      }
      #expect(scanned.count == 13)
    }
  }

  @Test func theStatusSpeaksOfThoseInTroubleAlone() throws {
    var states = try jobStates(config(100, port: 9))
    #expect(states.statusSentence == "0 targets in 100 jobs; 100 jobs not scanned yet")
    for index in states.indices { states[index].lastOutcome = scanOutcome() }
    #expect(states.statusSentence == "0 targets in 100 jobs")
    states[70].fault = "cannot replace it"
    states[90].lastOutcome = scanOutcome(end: .incomplete(LocalFailure(errno: 24)), untried: 1)
    #expect(
      states.statusSentence
        == "0 targets in 100 jobs; job-70: cannot replace it; job-90: last scan incomplete (Too many open files)")
    for index in states.indices { states[index].fault = "no" }
    #expect(states.statusSentence.hasSuffix("; job-18: no; job-19: no; 80 jobs more in trouble"))
    #expect(try jobStates(config(20, port: 9)).statusSentence.hasSuffix("; job-19: first scan of 1 endpoints"))
  }
}
