import Addressing
import Naming
import Support
import Synchronization
import Testing

@testable import Daemon

/// Says what it is told to, whatever the address.
private final class Answers: Sendable {
  private let answer: Mutex<Answer>
  private let hours = Mutex(0)

  init(_ answer: Answer) { self.answer = Mutex(answer) }

  /// From now on; what was remembered is out of date.
  func change(to new: Answer) {
    answer.withLock { $0 = new }
    hours.withLock { $0 += 2 }
  }

  var resolver: Resolver {
    let start = SuspendingClock.now
    return Resolver(
      width: 1, now: { self.hours.withLock { start + .seconds(3_600 * $0) } },
      lookup: { _ in self.answer.withLock { $0 } })
  }
}

/// The DNS is asked after each scan, and nothing waits for it.
@Suite(.timeLimit(.minutes(5))) struct Names {
  private func config(_ exporter: FakeExporter, _ labels: String = "target_labels: [hostname, nodename]") -> String {
    """
    scan_configs:
      - {job_name: node, ranges: [\(exporter.endpoint.address)], ports: [\(exporter.endpoint.port)], \(labels)}
    """
  }

  private func text(_ daemon: RunningDaemon) -> String {
    daemon.directory.text(of: "file_sd/service_discovery.yml") ?? ""
  }

  private func replaced(_ daemon: RunningDaemon) async {
    await daemon.heard.log("job 'node': \(daemon.directory.path)/file_sd/service_discovery.yml replaced, 1 target")
  }

  @Test func arePublishedWhenTheyComeAndGoWhenTheyGo() async throws {
    let exporter = try FakeExporter("127.95.1.1")
    let answers = Answers(.name("web-01.example"))
    try await withDaemon(config(exporter), resolver: answers.resolver) { daemon in
      await replaced(daemon)
      await replaced(daemon)
      #expect(text(daemon).contains(#""__meta_subnet_sd_hostname": "web-01.example""#))
      #expect(text(daemon).contains(#""__meta_subnet_sd_nodename": "web-01""#))
      #expect(daemon.directory.text(of: "inventory")?.contains("web-01.example") == true)
      answers.change(to: .name("web-02.example"))
      await replaced(daemon)
      #expect(text(daemon).contains(#""__meta_subnet_sd_hostname": "web-02.example""#))
      answers.change(to: .none)
      await replaced(daemon)
      #expect(!text(daemon).contains("hostname"))
    }
  }

  @Test func aResolverThatFailsChangesNothing() async throws {
    let exporter = try FakeExporter("127.95.2.1")
    let answers = Answers(.name("web-01.example"))
    try await withDaemon(config(exporter), resolver: answers.resolver) { daemon in
      await replaced(daemon)
      await replaced(daemon)
      answers.change(to: .unknown)
      let before = text(daemon)
      for _ in 0..<5 { await daemon.heard.log("job 'node': 1 target; ") }
      #expect(text(daemon) == before)
      #expect(before.contains("web-01.example"))
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "replaced" } == 2)
    }
  }

  @Test func areThereAfterARestartBeforeTheDNSAnswers() async throws {
    let directory = try TemporaryDirectory()
    let exporter = try FakeExporter("127.95.3.1")
    try await withDaemon(config(exporter), in: directory, resolver: Answers(.name("a.example")).resolver) {
      await replaced($0)
      await replaced($0)
    }
    try await withDaemon(config(exporter), in: directory, resolver: Answers(.unknown).resolver) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      #expect(text(daemon).contains("a.example"))
      #expect(daemon.heard.entries.allSatisfy { $0.fields["SUBNET_SD_EVENT"] != "replaced" })
    }
  }

  @Test func areNotAskedForWhereNobodyWantsThem() async throws {
    let exporter = try FakeExporter("127.95.4.1")
    let asked = Answers(.name("a.example"))
    try await withDaemon(config(exporter, "target_labels: [version]"), resolver: asked.resolver) { daemon in
      for _ in 0..<3 { await daemon.heard.log("job 'node': 1 target; ") }
      #expect(!text(daemon).contains("hostname"))
      #expect(text(daemon).contains(#""__meta_subnet_sd_version": "1.5.0""#))
    }
  }

  /// Its answers come when there is no such job any more.
  @Test func ofAJobOfThePastAreNobodys() async throws {
    let exporter = try FakeExporter("127.95.5.1")
    try await withDaemon(config(exporter), every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      daemon.post.yield(.named(job: 7, [exporter.endpoint.address: .name("a.example")]))
      daemon.post.yield(.named(job: 0, [.v4(1): .name("b.example")]))
      daemon.post.yield(.watchdogDue)
      await daemon.heard.notification("WATCHDOG=1")
      #expect(!text(daemon).contains("hostname"))
    }
  }
}
