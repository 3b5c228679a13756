import Addressing
import Configuration
import Exporters
import Exposition
import Glibc
import Inventory
import Probing
import Publishing
import Support
import Testing

@testable import Daemon
@testable import Web

/// subnet-sd(1) and subnet-sd.yml(5) say what the daemon tells others, and by what it is told.
@Suite struct Manual {
  private let page: ManualPage

  init() throws { page = try ManualPage("subnet-sd.1") }

  /// Of what there is and what the page has, each is in the other.
  private func expect(
    _ real: some Sequence<String>, toBe told: some Sequence<String>, at location: SourceLocation = #_sourceLocation
  ) {
    #expect(Set(real).subtracting(told).sorted() == [], "not in the page", sourceLocation: location)
    #expect(Set(told).subtracting(real).sorted() == [], "not in the program", sourceLocation: location)
  }

  /// All that a scrape has, of a daemon with one job that was scanned.
  private func families() throws -> [MetricFamily] {
    var jobs = try jobStates("scan_configs: [{job_name: node, ranges: [127.0.0.1]}]")
    jobs[0].lastOutcome = scanOutcome()
    let start = Moment.now().wall
    let metrics = DaemonMetrics(
      jobs: jobs, counts: ["node": JobCounts(start: start)], refusals: Refusals(), reloads: .init(),
      isStoreFaulty: false, isWebFaulty: false, start: start, inFlight: 0,
      sent: Sent(connections: 0, syns: 0, requests: 0))
    let statistics = Statistics()
    statistics.count("/", 200)
    return metrics.families + statistics.families
  }

  @Test func hasEachEventInTheJournalsCatalogue() throws {
    let catalogue = try SourceTree.text(of: "systemd/subnet-sd.catalog")
    let told = catalogue.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
    expect(JournalEvent.allCases.map(\.messageID), toBe: told)
    #expect(told.count == Set(told).count)
    // What stands between two of these is a field that is put in its place.
    let fields = catalogue.split(separator: "@", omittingEmptySubsequences: false).enumerated()
      .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    #expect(Set(fields).subtracting(JournalField.allCases.map(\.rawValue)).sorted() == [])
    #expect(catalogue.split(separator: "\n").filter { $0.utf8.count > 100 } == [])
  }

  @Test func hasEachMetricWithItsLabels() throws {
    let real = try families().map { ([$0.name] + $0.labels.sorted()).joined(separator: " ") }
    let told = page.items.filter { $0.section == "METRICS" }.compactMap { item in
      item.words("Va").first.map { name in
        let labels = item.words.drop { $0 != "Brq" }.dropFirst().filter { $0 != "," }
        return ([name] + labels.sorted()).joined(separator: " ")
      }
    }
    expect(real, toBe: told)
    #expect(told.count == Set(told).count)
  }

  @Test func hasEachValueOfTheirLabels() throws {
    expect(["exporter"] + Verdict.otherKinds + [Excess.kind], toBe: page.names("Cm", in: "METRICS"))
    func text(_ metric: String) -> String { page.items.first { $0.words("Va") == [metric] }?.text ?? "" }
    for word in JobCounts.ScanEnd.allCases { #expect(text("subnet_sd_scans_total").contains(word.rawValue)) }
    for word in JobCounts.Replacing.allCases {
      #expect(text("subnet_sd_target_file_replaces_total").contains(word.rawValue))
    }
  }

  @Test func hasEachEventAndFieldOfTheJournal() {
    expect(JournalEvent.allCases.map(\.rawValue), toBe: page.names("Cm", in: "THE JOURNAL"))
    expect(JournalField.allCases.map(\.rawValue), toBe: page.names("Va", in: "THE JOURNAL"))
  }

  @Test func hasEachSignal() throws {
    let names = [
      SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGPIPE: "SIGPIPE", SIGXFSZ: "SIGXFSZ",
    ]
    let real = (DaemonLoop.signals + Service.ignoredSignals).map { names[$0] ?? "signal \($0)" }
    expect(real, toBe: page.names("Dv", in: "SIGNALS"))
    let ignored = page.items.filter { $0.section == "SIGNALS" && $0.text.hasPrefix("Ignored") }
    expect(Service.ignoredSignals.compactMap { names[$0] }, toBe: ignored.flatMap { $0.words("Dv") })
  }

  @Test func hasPathsThatAreServed() {
    let paths = page.names("Pa", in: "HTTP").map { $0 == "/sd/" ? "/sd/node" : $0 }
    #expect(paths.filter { Route(path: $0) == nil } == [])
    let routes: [Route] = [
      .status, .metrics, .targetGroups(job: nil), .targetGroups(job: "node"), .inventory, .healthy, .ready, .reload,
    ]
    #expect(Set(paths.map { Route(path: $0) }) == Set(routes))
  }

  @Test func hasEachLabelOfATarget() throws {
    let sighting = Sighting(
      exporter: "my_app", version: "1.0", nodename: "web-01", scheme: .https, metricsPath: "/my/metrics")
    let traits = Traits(of: sighting, hostname: "web-01.example.org", named: TargetLabel.allCases)
    let endpoint = Endpoint(address: .v4(0x0A00_0007), port: 9100)
    let groups = TargetGroup.groups(of: [endpoint: traits], job: "node", labels: [:], groupBy: 24)
    expect(groups.flatMap(\.labels.keys), toBe: try ManualPage("subnet-sd.yml.5").names("Va", in: "LABELS"))
  }
}

extension MetricFamily {
  /// The labels of its values.
  fileprivate var labels: Set<String> {
    Set(String(decoding: exposition, as: UTF8.self).matches(of: /[{,]([a-z]+)="/).map { String($0.1) })
  }
}
