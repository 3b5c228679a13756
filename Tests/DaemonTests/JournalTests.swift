import Addressing
import Configuration
import Inventory
import Logging
import Support
import Testing

@testable import Daemon
@testable import Inventory

private let endpoint = Endpoint(address: .v4(0x0A00_0007), port: 9100)
private let other = Endpoint(address: .v4(0x0A00_0003), port: 9100)
private let sighting = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-01")
private let now = SuspendingClock.now
private let target = Target(endpoint: endpoint, sighting: sighting, firstSeen: now)

/// These never change: catalogues and people's filters name them.
private let identifiers: [(JournalEvent, name: String, id: String)] = [
  (.targetNew, "target_new", "c9d278c9f7064d7c98a748f07988a2a5"),
  (.targetSilent, "target_silent", "0c939badcc5e4761a411738ff7e41636"),
  (.targetDowngraded, "target_downgraded", "269df8070b9a476ebc4de00e385c9683"),
  (.targetBack, "target_back", "f6a85b0044af4c6085274eafaddd6310"),
  (.targetGone, "target_gone", "5c7bf848a72d4d7faa0310d0eb21356c"),
  (.targetMoved, "target_moved", "079da26bcbde46bbb4f1a18fdc50fbb6"),
  (.targetForgotten, "target_forgotten", "cdc7e837a0154529b0d04ca48829747b"),
  (.targetDuplicate, "target_duplicate", "5fa728ca7676405f866d0df4ba35a0ec"),
  (.targetDistinct, "target_distinct", "3267b007123d4f6084d1da07bb535fcf"),
  (.identityShared, "identity_shared", "5bdcc589f08d44ee86ecd072e0bb5889"),
  (.machineExcess, "machine_excess", "c9d1a3a81a67425db869e650f56aa6b6"),
  (.printerSuspected, "printer_suspected", "73be697d61be47708fbc46ff05971c9e"),
  (.rangeAccepting, "range_accepting", "f92d400cd5ea422dadceec75a00a2aec"),
  (.rangeBlocked, "range_blocked", "1d687f7638364f62a0f4e69bedd88a2d"),
  (.holdBegun, "hold_begun", "f881116fced1406da9b9b6b92b85c451"),
  (.holdEnded, "hold_ended", "f7b71793790e4e69bca78a1ac5bbb613"),
  (.synUnavailable, "syn_unavailable", "2a6f5d11423a4a028a7b1e924568619a"),
  (.scanComplete, "scan_complete", "9ae749bff40a4800bb04a1d7365e8401"),
  (.scanIncomplete, "scan_incomplete", "aaa945ebedc046f8ba3960141f4c8a19"),
  (.replaceFailed, "replace_failed", "30a80406e5c4400088456b5ac92b3380"),
  (.replaced, "replaced", "0a519af10af14971a1910ce4c2ee5f57"),
  (.reloaded, "reloaded", "c83f821249a242a2b08720c60b62ad7d"),
  (.reloadFailed, "reload_failed", "2d6fb24a33634a1a9a3a0b281d4f14cf"),
  (.storeFailed, "store_failed", "eeacfe1ea4c646118d43f9202c827e4b"),
]

@Suite struct JournalEvents {
  @Test(arguments: identifiers)
  func keepsItsNameAndIdentifier(event: JournalEvent, name: String, id: String) {
    #expect(event.rawValue == name)
    #expect(event.messageID == id)
    #expect(id.utf8.count == 32)
    #expect(id.allSatisfy { "0123456789abcdef".contains($0) })
  }

  @Test func noTwoShareAnIdentifier() {
    #expect(Set(identifiers.map(\.id)).count == identifiers.count)
    #expect(identifiers.count == JournalEvent.allCases.count)
    #expect(Set(identifiers.map(\.name)).count == identifiers.count)
  }

  @Test func fieldsAreThoseThereAre() {
    let heard = Heard()
    heard.logger.log(.notice, .reloaded, "configuration reloaded")
    heard.logger.log(.error, .replaceFailed, job: "node", reason: "no room", "job 'node': no room")
    #expect(
      heard.entries == [
        Heard.Entry(
          level: .notice, message: "configuration reloaded",
          fields: ["MESSAGE_ID": "c83f821249a242a2b08720c60b62ad7d", "SUBNET_SD_EVENT": "reloaded"]),
        Heard.Entry(
          level: .error, message: "job 'node': no room",
          fields: [
            "MESSAGE_ID": "30a80406e5c4400088456b5ac92b3380", "SUBNET_SD_EVENT": "replace_failed",
            "SUBNET_SD_JOB": "node", "SUBNET_SD_REASON": "no room",
          ]),
      ])
  }
}

@Suite struct TargetEvents {
  @Test(
    arguments: [
      (.new(target), "target_new", nil, "is new: node_exporter 1.5.0 web-01"),
      (
        .new(Target(endpoint: endpoint, sighting: Sighting(exporter: "node_exporter"), firstSeen: now)), "target_new",
        nil,
        "is new: node_exporter"
      ),
      (
        .silent(target, reason: "connection refused"), "target_silent", "connection refused",
        "is silent: connection refused"
      ),
      (
        .downgraded(target, reason: "speaks plain HTTP, and spoke TLS before"), "target_downgraded",
        "speaks plain HTTP, and spoke TLS before",
        "is downgraded: speaks plain HTTP, and spoke TLS before; it stays listed with https"
      ),
      (.back(target, silentFor: .seconds(3_661)), "target_back", nil, "is back after 1h1m1s"),
      (
        .gone(target, .silent(for: .seconds(86_400), missedScans: 1_440)), "target_gone",
        "silent for 1d and 1440 missed scans", "is gone: silent for 1d and 1440 missed scans"
      ),
      (
        .gone(target, .silent(for: .zero, missedScans: 1)), "target_gone", "silent for 0.0 s and 1 missed scan",
        "is gone: silent for 0.0 s and 1 missed scan"
      ),
      (
        .gone(target, .replaced(by: Sighting(exporter: "node_exporter", version: "1.8.0", nodename: "db-01"))),
        "target_gone", "node_exporter db-01 answers there now", "is gone: node_exporter db-01 answers there now"
      ),
      (
        .gone(target, .refused("may be a printer")), "target_gone", "it may be a printer",
        "is gone: it may be a printer; if it is none, write 10.0.0.7 into 'not_printers'"
      ),
      (
        .gone(target, .unconfigured), "target_gone", "not in the job's ranges any more",
        "is gone: not in the job's ranges any more"
      ),
      (
        .gone(target, .moved(toJob: "edge")), "target_moved", "job 'edge' scans it now",
        "moves to job 'edge'"
      ),
      (.forgotten(target, by: 1_000), "target_forgotten", "forgotten by user 1000", "is gone: forgotten by user 1000"),
      (
        .duplicate(target, of: other), "target_duplicate", "the same process answers at 10.0.0.3:9100",
        "is another address of web-01: the same process answers at 10.0.0.3:9100"
      ),
      (
        .distinct(target, standingInFor: nil), "target_distinct", nil,
        "is no further address of another target any more"
      ),
      (
        .distinct(target, standingInFor: other), "target_distinct", "10.0.0.3:9100 does not answer",
        "stands in for 10.0.0.3:9100, the first address of web-01, which does not answer"
      ),
    ] as [(InventoryEvent, String, String?, String)])
  func eachIsALineWithItsFields(event: InventoryEvent, name: String, reason: String?, sentence: String) throws {
    let heard = Heard()
    heard.logger.log(event, job: "node")
    let entry = try #require(heard.entries.first)
    #expect(heard.entries.count == 1)
    #expect(entry.level == (name == "target_downgraded" ? .warning : .notice))
    #expect(entry.message == "job 'node': 10.0.0.7:9100 \(sentence)")
    #expect(entry.fields["SUBNET_SD_EVENT"] == name)
    #expect(entry.fields["SUBNET_SD_JOB"] == "node")
    #expect(entry.fields["SUBNET_SD_TARGET"] == "10.0.0.7:9100")
    #expect(entry.fields["SUBNET_SD_REASON"] == reason)
    #expect(entry.fields["MESSAGE_ID"]?.utf8.count == 32)
  }
}

/// Nobody is delisted, so that somebody has to look at it.
@Test func whoShowsTheProcessOfAnotherIsAWarning() throws {
  let heard = Heard()
  heard.logger.log(.shared(target, with: other), job: "node")
  let entry = try #require(heard.entries.first)
  #expect(entry.level == .warning)
  #expect(
    entry.message == "job 'node': 10.0.0.7:9100 and 10.0.0.3:9100 show the same process node_exporter web-01, and were"
      + " two machines before: one of them may copy what the other shows; both stay listed")
  #expect(entry.fields["SUBNET_SD_EVENT"] == "identity_shared")
  #expect(entry.fields["SUBNET_SD_TARGET"] == "10.0.0.7:9100")
  #expect(entry.fields["SUBNET_SD_REASON"] == "10.0.0.3:9100 shows the same process node_exporter web-01")
}

@Test func aMachineWithTooManyAddressesIsAWarningWithoutATarget() throws {
  var excess = Excess(exporter: "node_exporter", nodename: "web-01")
  excess.count = 65_280
  let heard = Heard()
  heard.logger.log(.crowded(excess), job: "node")
  let entry = try #require(heard.entries.first)
  let reason =
    "node_exporter web-01 answers at 65280 further endpoints beyond the 1024 of one machine that are listed; they are not"
  #expect(entry.level == .warning)
  #expect(
    entry.message == "job 'node': \(reason); 'subnet-sd targets --state refused' shows them, and 'exclude' leaves them"
      + " out")
  #expect(entry.fields["SUBNET_SD_EVENT"] == "machine_excess")
  #expect(entry.fields["SUBNET_SD_TARGET"] == nil)
  #expect(entry.fields["SUBNET_SD_REASON"] == reason)
}

private let prefix = Prefix(containing: .v4(0x0A00_0100), length: 24)

private func hold(_ scope: Hold.Scope = .job, _ silent: Int = 240, of total: Int = 300) -> Hold {
  var hold = Hold(scope: scope, since: now, silent: silent, total: total)
  hold.age = .seconds(7_200)
  return hold
}

@Suite struct HoldEvents {
  @Test(
    arguments: [
      (.job, 240, "hold begins: 240 of 300 targets are silent", nil, "240 of 300 targets are silent"),
      (
        .job, 300, "hold begins: none of 300 targets answers, so the scan is not believed", nil,
        "none of 300 targets answers, so the scan is not believed"
      ),
      (
        .prefix(prefix), 300, "hold of 10.0.1.0/24 begins: 300 of 300 targets are silent", "10.0.1.0/24",
        "300 of 300 targets are silent"
      ),
      (
        .prefix(prefix), 240, "hold of 10.0.1.0/24 begins: 240 of 300 targets are silent", "10.0.1.0/24",
        "240 of 300 targets are silent"
      ),
    ] as [(Hold.Scope, Int, String, String?, String)])
  func itsBeginIsAWarningThatSaysWhatToDo(
    scope: Hold.Scope, silent: Int, sentence: String, prefix: String?, reason: String
  ) throws {
    let heard = Heard()
    heard.logger.log(.holdBegun(hold(scope, silent)), job: "node")
    let entry = try #require(heard.entries.first)
    #expect(entry.level == .warning)
    #expect(
      entry.message == "job 'node': \(sentence); nothing of it is removed meanwhile;"
        + " if they are really gone, say 'subnet-sd release node\(prefix.map { " \($0)" } ?? "")'")
    #expect(entry.fields["SUBNET_SD_EVENT"] == "hold_begun")
    #expect(entry.fields["SUBNET_SD_PREFIX"] == prefix)
    #expect(entry.fields["SUBNET_SD_REASON"] == reason)
    #expect(entry.fields["SUBNET_SD_TARGET"] == nil)
  }

  @Test(
    arguments: [
      (.recovered, "the loss is within max_loss again"),
      (.released(by: 0), "released by user 0, so what is silent is gone"),
      (.released(by: 65_534), "released by a member of the group, so what is silent is gone"),
      (.limit, "hold_limit is reached, so what is silent is gone"),
      (.reconfigured, "the configuration has no such group of targets now"),
    ] as [(HoldEnd, String)])
  func itsEndHasAReason(end: HoldEnd, reason: String) throws {
    let heard = Heard()
    heard.logger.log(.holdEnded(hold(.prefix(prefix)), end), job: "node")
    let entry = try #require(heard.entries.first)
    #expect(entry.level == .notice)
    #expect(entry.message == "job 'node': hold of 10.0.1.0/24 is over: \(reason)")
    #expect(entry.fields["SUBNET_SD_EVENT"] == "hold_ended")
    #expect(entry.fields["SUBNET_SD_PREFIX"] == "10.0.1.0/24")
    #expect(entry.fields["SUBNET_SD_REASON"] == reason)
  }
}

/// For metrics: by the job's name and the event's.
@Test func whatHappensIsCounted() throws {
  let directory = try TemporaryDirectory()
  let text = "scan_configs: [{job_name: node, ranges: [127.0.0.1]}]"
  let heard = Heard()
  var loop = try DaemonLoop(
    settings(text), load: { () throws(ConfigurationError) in try settings(text) }, secrets: noSecrets,
    state: StateDirectory(option: directory.path, environment: nil), notifier: heard.notifier, log: heard.logger)
  for _ in 0..<2 { loop.report(.new(target), of: "node") }
  loop.report(.holdBegun(hold()), of: "node")
  loop.report(.gone(target, .unconfigured), of: "gone")
  #expect(
    loop.counts.mapValues(\.events) == ["node": [.targetNew: 2, .holdBegun: 1], "gone": [.targetGone: 1]])
  #expect(heard.entries.count == 4)
}
