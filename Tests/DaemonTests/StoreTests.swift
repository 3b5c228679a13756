import Addressing
import Controlling
import Foundation
import Glibc
import Logging
import Support
import Synchronization
import Testing

@testable import Daemon
@testable import Inventory

/// Nothing is waited for without an end.
@Suite(.timeLimit(.minutes(5))) struct StoredInventories {
  private func config(_ jobs: String..., global: String = "{}") -> String {
    "{global: \(global), scan_configs: [\(jobs.joined(separator: ", "))]}"
  }

  private func job(_ exporter: FakeExporter, _ range: String, name: String = "node", file: String = "a.yml") -> String {
    "{job_name: \(name), ranges: [\(range)], ports: [\(exporter.endpoint.port)], target_file: \(file)}"
  }

  /// A directory in which a daemon has found one exporter, which is stopped since.
  private func known(_ exporter: FakeExporter, _ text: String) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try await withDaemon(text, every: .seconds(3_600), in: directory) { await $0.heard.log("job 'node': 1 target; ") }
    exporter.stop()
    return directory
  }

  @Test func aSilenceGoesOnInTheNextProcess() async throws {
    let exporter = try FakeExporter("127.91.1.1")
    let text = config(job(exporter, "127.91.1.1"))
    let directory = try await known(exporter, text)
    var since: String?
    for start in 0..<2 {
      try await withDaemon(text, every: .seconds(3_600), in: directory) { daemon in
        await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
        let json = await daemon.ask(.targets(format: .json, job: nil, state: .silent))
        let text = String(decoding: json.output, as: UTF8.self)
        let now = text.split(separator: ",").first { $0.hasPrefix(#""silent_since""#) }.map(String.init)
        if start == 1 { #expect(now == since) }
        since = now
        #expect(daemon.heard.entries.contains { $0.fields["SUBNET_SD_EVENT"] == "target_silent" } == (start == 0))
        #expect(daemon.targets("a.yml") == ["\(exporter.endpoint)"])
      }
    }
    #expect(since != nil)
  }

  @Test func aTargetFileThatIsLostIsThereAgain() async throws {
    let exporter = try FakeExporter("127.91.2.1")
    let text = config(job(exporter, "127.91.2.1"))
    let directory = try await known(exporter, text)
    try directory.remove("file_sd/a.yml")
    try await withDaemon(text, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': \(directory.path)/file_sd/a.yml replaced, 1 target")
      #expect(daemon.targets("a.yml") == ["\(exporter.endpoint)"])
    }
  }

  @Test(arguments: ["garbage", "subnet-sd inventory 4\nfrom tomorrow\n", ""])
  func anInventoryThatCannotBeReadIsKeptAndTheTargetFileIsTheStart(bytes: String) async throws {
    let exporter = try FakeExporter("127.91.3.1")
    let text = config(job(exporter, "127.91.3.1"))
    let directory = try await known(exporter, text)
    try directory.write(bytes, to: "inventory")
    try await withDaemon(text, every: .seconds(3_600), in: directory) { daemon in
      let warning = await daemon.heard.log("the inventory '\(directory.path)/inventory' is not used: ")
      #expect(warning?.level == .warning)
      #expect(warning?.fields["SUBNET_SD_EVENT"] == "store_failed")
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      #expect(daemon.targets("a.yml") == ["\(exporter.endpoint)"])
      let kept = try directory.names().filter { $0.hasPrefix("inventory.unusable-") }
      #expect(kept.map { directory.text(of: $0) } == [bytes])
      #expect(directory.text(of: "inventory")?.contains("\(exporter.endpoint)") == true)
    }
  }

  /// Stored first: what cannot be stored is published all the same, and known again by the target file.
  @Test func aStoreThatFailsIsToldOnceAndMended() async throws {
    let directory = try TemporaryDirectory()
    try directory.make("inventory/in-the-way")
    let exporter = try FakeExporter("127.91.4.1")
    try await withDaemon(config(job(exporter, "127.91.4.1")), in: directory) { daemon in
      // What stands there is no inventory, and is set aside.
      await daemon.heard.log("the inventory '\(directory.path)/inventory' is not used: ")
      await daemon.heard.log("job 'node': 1 target; ")
      #expect(directory.text(of: "inventory")?.contains("\(exporter.endpoint)") == true)
      try directory.remove("inventory")
      try directory.make("inventory/in-the-way")
      exporter.stop()
      let fault = await daemon.heard.log("the inventory is not stored: ")
      #expect(fault?.level == .error)
      await daemon.heard.notification("STATUS=1 target in 1 job, 1 silent; node: 1 endpoints in ")
      #expect(daemon.heard.notifications.last?.contains("; the inventory is not stored: ") == true)
      for _ in 0..<3 { await daemon.heard.log("job 'node': 1 target, 1 of them silent; ") }
      #expect(daemon.heard.entries.count { $0.message.hasPrefix("the inventory is not stored") } == 1)
      try directory.remove("inventory")
      let again = try FakeExporter("127.91.4.1", port: exporter.endpoint.port)
      await daemon.heard.log("the inventory '\(directory.path)/inventory' can be stored again")
      await daemon.heard.log("job 'node': 1 target; ")
      again.stop()
    }
  }

  @Test func whatChangedWhileItWasDownIsTold() async throws {
    let (stays, leaves) = try (FakeExporter("127.91.5.1"), FakeExporter("127.91.5.2"))
    let ports = "ports: [\(stays.endpoint.port), \(leaves.endpoint.port)]"
    let directory = try TemporaryDirectory()
    let before = config("{job_name: node, ranges: [127.91.5.1-2], \(ports), target_file: a.yml}")
    try await withDaemon(before, every: .seconds(3_600), in: directory) {
      await $0.heard.log("job 'node': 2 targets; ")
    }
    let after = config("{job_name: node, ranges: [127.91.5.1], \(ports), target_file: a.yml}")
    try await withDaemon(after, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': \(leaves.endpoint) is gone: not in the job's ranges any more")
      await daemon.heard.log("job 'node': \(directory.path)/file_sd/a.yml replaced, 1 target")
      await daemon.heard.log("job 'node': 1 target; ")
      #expect(daemon.targets("a.yml") == ["\(stays.endpoint)"])
      #expect(daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "target_gone" } == 1)
    }
  }

  @Test func aJobRenamedWhileItWasDownGoesOn() async throws {
    let exporter = try FakeExporter("127.91.6.1")
    let directory = try await known(exporter, config(job(exporter, "127.91.6.1")))
    try await withDaemon(config(job(exporter, "127.91.6.1", name: "new")), every: .seconds(3_600), in: directory) {
      daemon in
      await daemon.heard.log("job 'node': \(exporter.endpoint) moves to job 'new'")
      await daemon.heard.log("job 'new': 1 target, 1 of them silent; ")
      #expect(daemon.targets("a.yml") == ["\(exporter.endpoint)"])
      #expect(directory.text(of: "file_sd/a.yml")?.contains(#""__meta_subnet_sd_job": "new""#) == true)
    }
  }

  @Test func aFileMovedWhileItWasDownIsEmptied() async throws {
    let exporter = try FakeExporter("127.91.7.1")
    let directory = try await known(exporter, config(job(exporter, "127.91.7.1")))
    let moved = config(job(exporter, "127.91.7.1", file: "b.yml"))
    try await withDaemon(moved, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': \(directory.path)/file_sd/b.yml replaced, 1 target")
      await daemon.heard.log("job 'node': \(directory.path)/file_sd/a.yml is kept no longer")
      #expect(daemon.targets("a.yml") == [])
      #expect(daemon.targets("b.yml") == ["\(exporter.endpoint)"])
    }
  }

  /// The old file is the truth until the new one stands, also if the daemon was down when the name changed.
  @Test func aFileThatCannotMoveStaysOverARestart() async throws {
    let exporter = try FakeExporter("127.91.11.1")
    let directory = try await known(exporter, config(job(exporter, "127.91.11.1")))
    let moved = config(job(exporter, "127.91.11.1", file: "\(directory.path)/later/b.yml"))
    for _ in 0..<2 {
      try await withDaemon(moved, every: .seconds(3_600), in: directory) { daemon in
        await daemon.heard.log("job 'node': cannot open the directory of '\(directory.path)/later/b.yml'")
        await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
        #expect(daemon.targets("a.yml") == ["\(exporter.endpoint)"])
      }
    }
    try directory.make("later")
    try await withDaemon(moved, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': \(directory.path)/later/b.yml replaced, 1 target")
      await daemon.heard.log("job 'node': \(directory.path)/file_sd/a.yml is kept no longer")
      #expect(daemon.targets("a.yml") == [])
    }
  }

  /// Another job has the file by now, perhaps another daemon's.
  @Test func aFileOfAnotherJobIsNotEmptied() async throws {
    let exporter = try FakeExporter("127.91.12.1")
    let directory = try await known(exporter, config(job(exporter, "127.91.12.1")))
    let text = try #require(directory.text(of: "file_sd/a.yml"))
    let theirs = text.replacing("\"node\"", with: "\"theirs\"")
    try directory.write(theirs, to: "file_sd/a.yml")
    let moved = config(job(exporter, "127.91.12.1", file: "b.yml"))
    try await withDaemon(moved, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      #expect(daemon.targets("b.yml") == ["\(exporter.endpoint)"])
      #expect(directory.text(of: "file_sd/a.yml") == theirs)
    }
  }

  /// A copy of a state directory, to try something with, has nothing to do with the files of the first.
  @Test func aCopyOfTheDirectoryTouchesNothingOfTheFirst() async throws {
    let exporter = try FakeExporter("127.91.13.1")
    let text = config(job(exporter, "127.91.13.1"))
    let directory = try await known(exporter, text)
    let copy = try TemporaryDirectory()
    try copy.make("file_sd")
    for name in ["inventory", "file_sd/a.yml"] { try copy.write(try #require(directory.bytes(of: name)), to: name) }
    let moved = config(job(exporter, "127.91.13.1", file: "b.yml"))
    try await withDaemon(moved, every: .seconds(3_600), in: copy) { daemon in
      await daemon.heard.log("job 'node': \(copy.path)/file_sd/a.yml is kept no longer")
      #expect(daemon.targets("b.yml") == ["\(exporter.endpoint)"])
    }
    #expect(directory.text(of: "file_sd/a.yml")?.contains("\(exporter.endpoint)") == true)
  }

  @Test func aDirectoryThatIsGoneHoldsNoFileToEmpty() async throws {
    let exporter = try FakeExporter("127.91.14.1")
    let directory = try TemporaryDirectory()
    try directory.make("old")
    let before = config(job(exporter, "127.91.14.1", file: "\(directory.path)/old/a.yml"))
    try await withDaemon(before, every: .seconds(3_600), in: directory) { await $0.heard.log("job 'node': 1 target; ") }
    try directory.remove("old")
    let after = config(job(exporter, "127.91.14.1"))
    try await withDaemon(after, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      #expect(daemon.heard.entries.allSatisfy { $0.level < .warning })
      #expect(directory.text(of: "inventory")?.contains("retired") == false)
    }
  }

  @Test func anInventoryThatIsDeletedIsStoredAgain() async throws {
    let exporter = try FakeExporter("127.91.15.1")
    let directory = try TemporaryDirectory()
    try await withDaemon(config(job(exporter, "127.91.15.1")), in: directory) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      try directory.remove("inventory")
      for _ in 0..<2 { await daemon.heard.log("job 'node': 1 target; ") }
      #expect(directory.text(of: "inventory")?.contains("\(exporter.endpoint)") == true)
    }
  }

  /// It was renamed and narrowed, and killed before it had written the file: the old name still stands in it.
  @Test func theNameOfBeforeIsOursUntilTheFileIsWritten() async throws {
    let (first, second) = try (FakeExporter("127.91.16.1"), FakeExporter("127.91.16.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let directory = try TemporaryDirectory()
    let before = config("{job_name: old, ranges: [127.91.16.1-2], \(ports), target_file: a.yml}")
    try await withDaemon(before, every: .seconds(3_600), in: directory) { await $0.heard.log("job 'old': 2 targets; ") }
    let written = try #require(directory.text(of: "file_sd/a.yml"))
    let after = config("{job_name: new, ranges: [127.91.16.1], \(ports), target_file: a.yml}")
    // As if its directory could not be written: a file in its place.
    try directory.remove("file_sd")
    try directory.write("", to: "file_sd")
    try await withDaemon(after, every: .seconds(3_600), in: directory) { await $0.heard.log("job 'new': 1 target; ") }
    try directory.remove("file_sd")
    try directory.make("file_sd")
    try directory.write(written, to: "file_sd/a.yml")
    try await withDaemon(after, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'new': \(directory.path)/file_sd/a.yml replaced, 1 target")
      #expect(daemon.targets("a.yml") == ["\(first.endpoint)"])
    }
  }

  /// Nobody knows anything but what the one file says, which has the targets of two jobs.
  @Test func whatAnotherJobScansIsTakenOverFromAFile() async throws {
    let (first, second) = try (FakeExporter("127.91.17.1"), FakeExporter("127.91.17.2"))
    let ports = "ports: [\(first.endpoint.port), \(second.endpoint.port)]"
    let directory = try TemporaryDirectory()
    let whole = config("{job_name: a, ranges: [127.91.17.1-2], \(ports), target_file: a.yml}")
    try await withDaemon(whole, every: .seconds(3_600), in: directory) { await $0.heard.log("job 'a': 2 targets; ") }
    try directory.remove("inventory")
    first.stop()
    second.stop()
    let split = config(
      "{job_name: a, ranges: [127.91.17.1], \(ports), target_file: a.yml}",
      "{job_name: b, ranges: [127.91.17.2], \(ports), target_file: b.yml}")
    try await withDaemon(split, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'b': \(directory.path)/file_sd/b.yml replaced, 1 target")
      await daemon.heard.log("job 'a': \(directory.path)/file_sd/a.yml replaced, 1 target")
      #expect(daemon.targets("b.yml") == ["\(second.endpoint)"])
      #expect(daemon.targets("a.yml") == ["\(first.endpoint)"])
      #expect(daemon.heard.entries.allSatisfy { $0.fields["SUBNET_SD_EVENT"] != "target_gone" })
    }
  }

  @Test func aFileOfOthersIsNotEmptied() async throws {
    let exporter = try FakeExporter("127.91.8.1")
    let directory = try await known(exporter, config(job(exporter, "127.91.8.1")))
    let foreign = "- targets: ['192.0.2.1:9100']\n"
    try directory.write(foreign, to: "file_sd/a.yml")
    let moved = config(job(exporter, "127.91.8.1", file: "b.yml"))
    try await withDaemon(moved, every: .seconds(3_600), in: directory) { daemon in
      await daemon.heard.log("job 'node': 1 target, 1 of them silent; ")
      #expect(daemon.targets("b.yml") == ["\(exporter.endpoint)"])
      #expect(directory.text(of: "file_sd/a.yml") == foreign)
    }
  }

  /// An exporter's name may be anything in a file that somebody edited; what is stored has to be read again.
  @Test func onlyAnExporterThatTheJobLooksForIsTakenFromATargetFile() async throws {
    let directory = try TemporaryDirectory()
    try directory.make("file_sd")
    let long = String(repeating: "x", count: 10_000)
    let text = ["127.91.10.1": "\\e[31mred", "127.91.10.2": long, "127.91.10.3": "node_exporter"].map { address, name in
      "- {targets: ['\(address):9'], labels: {__meta_subnet_sd_job: node, __meta_subnet_sd_exporter: \"\(name)\"}}\n"
    }.joined()
    try directory.write(text, to: "file_sd/a.yml")
    let job = "{job_name: node, ranges: [127.91.10.1-3], ports: [9], target_file: a.yml}"
    for _ in 0..<2 {
      try await withDaemon(config(job), every: .seconds(3_600), in: directory) { daemon in
        await daemon.heard.log("job 'node': 3 targets, 3 of them silent, hold; ")
        let rows = await daemon.ask(.targets(format: .rows, job: nil, state: .held))
        let exporters = rows.output.split(separator: 10).dropFirst().map { $0.split(separator: 9)[6] }
        #expect(exporters.map { String(decoding: $0, as: UTF8.self) } == Array(repeating: "node_exporter", count: 3))
      }
    }
    #expect(try directory.names().filter { $0.hasPrefix("inventory") } == ["inventory"])
  }

  @Test func nothingNewIsNotStored() async throws {
    let exporter = try FakeExporter("127.91.9.1")
    let directory = try TemporaryDirectory()
    try await withDaemon(config(job(exporter, "127.91.9.1")), in: directory) { daemon in
      await daemon.heard.log("job 'node': 1 target; ")
      let before = directory.bytes(of: "inventory")
      let inode = try directory.attribute(.systemFileNumber, of: "inventory")
      for _ in 0..<5 { await daemon.heard.log("job 'node': 1 target; ") }
      #expect(directory.bytes(of: "inventory") == before)
      #expect(try directory.attribute(.systemFileNumber, of: "inventory") == inode)
    }
  }
}

/// When the inventory is written again though nothing has happened.
@Suite struct StoreRests {
  private let start = Moment(instant: .now, wall: WallTime(milliseconds: 1_800_000_000_000))
  private let mark = Store.Mark(revisions: [0: 1], targetFiles: ["/a"], retired: [], refusals: 0)

  private func later(_ seconds: Int, clockSetBy step: Int64 = 0) -> Moment {
    Moment(
      instant: start.instant + .seconds(seconds),
      wall: WallTime(milliseconds: start.wall.milliseconds + Int64(seconds) * 1_000 + step * 1_000))
  }

  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func saved(restAtMost: Duration? = nil) throws -> Store {
    var store = Store(path: directory.path(of: "inventory"))
    store.restAtMost = restAtMost
    #expect(store.isOutdated(mark, at: start))
    #expect(store.save(StoredInventory(), mark, at: start) == .none)
    return store
  }

  @Test func aChangeIsStored() throws {
    var changed = mark
    changed.revisions = [0: 2]
    #expect(try saved().isOutdated(changed, at: start))
    var refused = mark
    refused.refusals = 1
    #expect(try saved().isOutdated(refused, at: start))
    #expect(try !saved().isOutdated(mark, at: later(1_000_000)))
  }

  @Test func silenceIsStoredNowAndThen() throws {
    #expect(try !saved(restAtMost: .seconds(60)).isOutdated(mark, at: later(59)))
    #expect(try saved(restAtMost: .seconds(60)).isOutdated(mark, at: later(60)))
  }

  @Test(arguments: [(0, false), (9, false), (-9, false), (11, true), (-11, true), (86_400, true), (-86_400, true)])
  func aClockThatWasSetIsStored(by step: Int64, isOutdated: Bool) throws {
    #expect(try saved().isOutdated(mark, at: later(5, clockSetBy: step)) == isOutdated)
  }
}
