import Addressing
import Files
import Glibc
import Support
import Testing

@testable import Inventory

/// Nine o'clock, when the process that wrote began to write.
private let nine = WallTime(milliseconds: 1_795_510_800_000)

private func moment(_ seconds: Int, wall: WallTime = nine) -> Moment {
  Moment(instant: at(seconds), wall: WallTime(milliseconds: wall.milliseconds + Int64(seconds) * 1_000))
}

/// A moment of a process that began on a machine whose clock says `wall`.
private func later(_ seconds: Int, wall: WallTime) -> Moment { Moment(instant: at(seconds), wall: wall) }

private let hostileTexts = ["", "\t", "\n", "\\", "\\N", "\\t", "a\tb\nc\\d", "é東🇨🇭", "\u{0}", "end\t1\t0", " "]

/// An inventory of every kind of target and hold there is.
private func sample() -> StoredInventory {
  var inventory = JobInventory(policy: Policy(removal: .after(.seconds(86_400))))
  for (index, text) in hostileTexts.enumerated() {
    let sighting = Sighting(exporter: text, version: text, nodename: text, startTime: Double(index) / 3)
    inventory.targets[endpoint(UInt32(index))] = target(UInt32(index), sighting, at: -index)
  }
  for host in 100...110 as ClosedRange<UInt32> {
    var silence = silence(
      since: -Int(host), missedScans: Int(host), counted: Int(host), reason: hostileTexts[Int(host) - 100])
    silence.held = .milliseconds(host)
    silence.isConfirmed = host.isMultiple(of: 2)
    silence.isAnnounced = host.isMultiple(of: 3)
    silence.isDowngraded = host.isMultiple(of: 5)
    inventory.targets[endpoint(host)] = target(host, node, .silent(silence), at: -1_000)
  }
  for host in 120...123 as ClosedRange<UInt32> {
    var target = target(host, at: -Int(host))
    target.identitySince = at(-9)
    target.further = Further(of: endpoint(host.isMultiple(of: 2) ? 100 : 300))
    target.further?.standsIn = host > 121
    inventory.targets[endpoint(host)] = target
  }
  let address = Address("fd00:1::7") ?? .v4(0)
  let ipv6 = Endpoint(address: address, port: 65_535)
  inventory.targets[ipv6] = Target(endpoint: ipv6, sighting: Sighting(exporter: "node_exporter"), firstSeen: at(0))
  var hold = Hold(scope: .job, since: at(-5), silent: 3, total: 4)
  hold.age = .seconds(77)
  inventory.holds = [
    hold, Hold(scope: .prefix(Prefix(containing: .v4(0x0A00_0000), length: 24)), since: at(-7), silent: 1, total: 2),
    Hold(scope: .prefix(Prefix(containing: address, length: 64)), since: at(-7), silent: 1, total: 2),
  ]
  inventory.departed = [endpoint(200), endpoint(201)]
  inventory.watchedUntil = at(-2)
  return StoredInventory(
    jobs: [
      .init(name: "node", targetFile: "/var/lib/a\tb.yml", inventory: inventory),
      .init(name: "empty", targetFile: "", inventory: JobInventory(policy: Policy(removal: .never))),
    ], retired: [.init(path: "/old\n.yml", job: "old")])
}

private func expectSame(_ left: StoredInventory, _ right: StoredInventory) {
  #expect(left.retired == right.retired)
  #expect(left.jobs.map(\.name) == right.jobs.map(\.name))
  #expect(left.jobs.map(\.targetFile) == right.jobs.map(\.targetFile))
  for (one, other) in zip(left.jobs.map(\.inventory), right.jobs.map(\.inventory)) {
    #expect(one.targets == other.targets)
    #expect(one.holds == other.holds)
    #expect(one.departed == other.departed)
    #expect(one.watchedUntil == other.watchedUntil)
  }
}

@Suite struct StoreFormats {
  @Test func whatIsWrittenIsRead() throws {
    let read = try StoredInventory(sample().encoded(at: moment(0)), at: moment(0))
    expectSame(read, sample())
  }

  @Test func theSameInventoryIsTheSameBytes() throws {
    let bytes = sample().encoded(at: moment(0))
    #expect(bytes == sample().encoded(at: moment(0)))
    #expect(try StoredInventory(bytes, at: moment(0)).encoded(at: moment(0)) == bytes)
  }

  @Test func nothingIsAnInventoryOfNothing() throws {
    let bytes = StoredInventory().encoded(at: moment(0))
    #expect(
      String(decoding: bytes, as: UTF8.self) == "subnet-sd inventory 3\nend\t1\t\(CRC32.hex(of: bytes.prefix(22)))\n")
    #expect(try StoredInventory(bytes, at: moment(0)).jobs.isEmpty)
  }

  /// RFC 1952 and its kin: the checksum of `123456789`.
  @Test func theChecksumIsTheCommonOne() {
    #expect(CRC32.hex(of: "123456789".utf8) == "cbf43926")
    #expect(CRC32.hex(of: []) == "00000000")
  }

  @Test func everyCutIsNoticed() {
    let bytes = sample().encoded(at: moment(0))
    let unnoticed = bytes.indices.filter { (try? StoredInventory(Array(bytes[..<$0]), at: moment(0))) != nil }
    #expect(unnoticed == [])
  }

  @Test func everyFlippedBitIsNoticed() {
    let bytes = sample().encoded(at: moment(0))
    var unnoticed: [Int] = []
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      if (try? StoredInventory(damaged, at: moment(0))) != nil { unnoticed.append(index) }
    }
    #expect(unnoticed == [])
  }

  @Test(
    arguments: [
      ("", .notAnInventory), ("\n", .notAnInventory), ("garbage\n", .notAnInventory),
      ("subnet-sd inventory \n", .notAnInventory), ("subnet-sd inventory one\n", .notAnInventory),
      ("subnet-sd inventory 0\n", .notAnInventory), ("subnet-sd inventory 1\n", .damaged),
      ("subnet-sd inventory 3\n", .damaged), ("subnet-sd inventory 4\n", .newer(version: 4)),
      ("subnet-sd inventory 999\nwhat ever\n", .newer(version: 999)),
      ("subnet-sd inventory 3\nend\t1\t00000000\n", .damaged),
    ] as [(String, StoredInventory.Invalid)])
  func refusesWhatIsNoInventory(text: String, invalid: StoredInventory.Invalid) {
    #expect(throws: invalid) { try StoredInventory(Array(text.utf8), at: moment(0)) }
  }

  /// Lines that nobody writes, in a file that is whole.
  @Test(arguments: [
    "", "\t", "what", "job", "job\tnode", "job\tnode\t/a", "job\tnode\t/a\tsoon", "job\tnode\t/a\t\\N\tmore",
    "target\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N", "gone\t10.0.0.1:9100", "hold\t\\N\t0\t0\t1\t2", "end\t1\t00000000",
    "retired\t/a", "retired\t\\q\tb",
    "JOB\ntarget\t10.0.0.1\t0\ta\t\\N\t\\N\t\\N", "JOB\ntarget\t10.0.0.1:9100\t\\N\ta\t\\N\t\\N\t\\N",
    "JOB\ntarget\t10.0.0.1:9100\t0\t\\N\t\\N\t\\N\t\\N", "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\tnan",
    "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\t0\t1\t0\t0\t0\t0",
    "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\t0\t0\t0\t0\t0\t0\tx",
    "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\t0\t1\t-1\t0\t0\t0\tx",
    "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\t0\t1\t0\t0\t2\t0\tx",
    "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\t0\t1\t0\t0\t0\t0\tx\tmore",
    "JOB\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N\ntarget\t10.0.0.1:9100\t0\ta\t\\N\t\\N\t\\N",
    "JOB\ngone\t10.0.0.1:9100\ngone\t10.0.0.1:9100", "JOB\nhold\t\\N\t0\t0\t3\t2", "JOB\nhold\t\\N\t0\t0\t0\t-1",
    "JOB\nhold\t10.0.0.1\t0\t0\t1\t2",
    "JOB\nhold\t\\N\t0\t0\t1\t2\nhold\t\\N\t0\t0\t1\t2", "JOB\nJOB",
  ])
  func refusesALineThatCannotBe(lines: String) {
    let text = "subnet-sd inventory 1\n\(lines.replacing("JOB", with: "job\tnode\t/a\t\\N"))\n"
    let count = text.count { $0 == "\n" }
    let whole = Array("\(text)end\t\(count)\t\(CRC32.hex(of: text.utf8))\n".utf8)
    #expect(throws: StoredInventory.Invalid.self) { try StoredInventory(whole, at: moment(0)) }
  }

  @Test func noByteOfAFileIsATrap() {
    var random = SplitMix(seed: 5)
    let bytes = sample().encoded(at: moment(0))
    for _ in 0..<3_000 {
      var damaged = bytes
      for _ in 0...Int.random(in: 0...8, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] =
          [9, 10, 92, 48, 57, 45, 255].randomElement(using: &random) ?? 0
      }
      // With a checksum that fits, so that the lines are read.
      guard let end = damaged.dropLast().lastIndex(of: 10) else { continue }
      let body = damaged[...end]
      let count = body.count { $0 == 10 }
      _ = try? StoredInventory(Array(body) + Array("end\t\(count)\t\(CRC32.hex(of: body))\n".utf8), at: moment(0))
    }
  }
}

@Suite struct Restarts {
  /// A target that is silent for `seconds`, stored at the end of them, and restored at `wall`.
  private func restored(after seconds: Int, wall: WallTime, _ policy: Policy) throws -> JobInventory {
    var old = JobInventory(policy: policy)
    _ = old.absorb(.seeing(1, 2), now: at(0))
    for scan in 1...(seconds / 60 + 1) {
      var report = ScanReport.missing(1)
      report.seen = [endpoint(2): node]
      _ = old.absorb(report, now: at(60 * scan))
    }
    let bytes = StoredInventory(jobs: [.init(name: "node", targetFile: "/a", inventory: old)]).encoded(
      at: moment(60 + seconds))
    var new = try #require(try StoredInventory(bytes, at: later(0, wall: wall)).jobs.first).inventory
    new.resume(with: policy, now: at(0))
    return new
  }

  private func wall(_ seconds: Int) -> WallTime { WallTime(milliseconds: nine.milliseconds + Int64(seconds) * 1_000) }

  @Test func aClockGoesOn() throws {
    // Silent for 20 minutes of an hour; five more go by until the new process has scanned.
    let policy = Policy(removal: .after(.seconds(3_600)))
    var inventory = try restored(after: 1_200, wall: wall(1_260 + 240), policy)
    #expect(inventory.silence(1)?.counted == .seconds(1_200))
    #expect(inventory.absorb(.missing(1), now: at(60)) == [])
    #expect(inventory.silence(1)?.counted == .seconds(1_500))
    for scan in 2...35 { #expect(inventory.absorb(.missing(1), now: at(60 * scan)) == []) }
    #expect(inventory.absorb(.missing(1), now: at(60 * 36)).count == 1)
  }

  @Test func threeScansOfTheNewProcessAreNeeded() throws {
    var inventory = try restored(after: 3_540, wall: wall(3_600 + 900), Policy(removal: .after(.seconds(3_600))))
    #expect(inventory.absorb(.missing(1), now: at(60)) == [])
    #expect(inventory.absorb(.missing(1), now: at(120)) == [])
    #expect(inventory.absorb(.missing(1), now: at(180)).count == 1)
  }

  /// Back by a day, to 1970, and ahead by a day, a year and as far as it goes.
  @Test(arguments: [-86_400, -1_795_510_800, 86_400, 365 * 86_400, 4_000_000_000])
  func aClockThatJumpedRemovesNothing(by jump: Int) throws {
    var inventory = try restored(after: 1_200, wall: wall(1_260 + jump), Policy(removal: .after(.seconds(86_400))))
    for scan in 1...100 { #expect(inventory.absorb(.missing(1), now: at(60 * scan)) == []) }
    // At most a quarter of remove_after is believed.
    let counted = try #require(inventory.silence(1)?.counted)
    #expect(counted <= .seconds(1_200 + 6_000 + 21_600))
    #expect(counted >= .seconds(1_200 + 6_000))
  }

  @Test func whatIsUnknownIsAdoptedAndWhatHasLeftIsNot() throws {
    var old = JobInventory(policy: Policy(removal: .after(.zero)))
    _ = old.absorb(.seeing(1, 2), now: at(0))
    var report = ScanReport.missing(1)
    report.seen = [endpoint(2): node]
    _ = old.absorb(report, now: at(60))
    #expect(old.departed == [endpoint(1)])
    let bytes = StoredInventory(jobs: [.init(name: "node", targetFile: "/a", inventory: old)]).encoded(at: moment(60))
    var new = try #require(try StoredInventory(bytes, at: moment(120)).jobs.first).inventory
    new.resume(with: old.policy, now: at(120))
    let published = [1, 2, 3].map { (endpoint($0), Sighting(exporter: "node_exporter")) }
    new.adopt(Dictionary(uniqueKeysWithValues: published), now: at(120))
    #expect(Set(new.targets.keys) == [endpoint(2), endpoint(3)])
    #expect(new.targets[endpoint(2)]?.sighting == node)
    new.notePublished()
    #expect(new.departed == [])
  }

  @Test func holdsGoOn() throws {
    var old = JobInventory(policy: Policy(removal: .after(.seconds(600)), holdLimit: .seconds(3_600)))
    _ = old.absorb(.seeing(1, 2, 3, 4), now: at(0))
    for scan in 1...31 { _ = old.absorb(.missing(1, 2, 3), now: at(60 * scan)) }
    let bytes = StoredInventory(jobs: [.init(name: "node", targetFile: "/a", inventory: old)]).encoded(
      at: moment(60 * 31))
    var new = try #require(try StoredInventory(bytes, at: moment(60 * 31)).jobs.first).inventory
    new.resume(with: old.policy, now: at(60 * 31))
    #expect(new.holds == old.holds)
    for scan in 32...60 { #expect(new.absorb(.missing(1, 2, 3), now: at(60 * scan)) == []) }
    let events = new.absorb(.missing(1, 2, 3), now: at(60 * 61))
    #expect(events.contains { if case .holdEnded(_, .limit) = $0 { true } else { false } })
    #expect(new.targets.count == 1)
  }

  @Test func duplicatesAreNotToldAgain() throws {
    var old = JobInventory(policy: Policy(removal: .never))
    let machine = Sighting(exporter: "node_exporter", nodename: "a", startTime: 1)
    #expect(old.absorb(.seeing(1, 2, as: machine), now: at(0)).count == 3)
    let bytes = StoredInventory(jobs: [.init(name: "node", targetFile: "/a", inventory: old)]).encoded(at: moment(0))
    var new = try #require(try StoredInventory(bytes, at: moment(1)).jobs.first).inventory
    new.resume(with: old.policy, now: at(1))
    #expect(new.targets[endpoint(2)]?.duplicateOf == endpoint(1))
    #expect(new.absorb(.seeing(1, 2, as: machine), now: at(60)) == [])
  }
}

@Suite struct InventoryFiles {
  private let directory: TemporaryDirectory
  private var file: InventoryFile { InventoryFile(path: directory.path(of: "inventory")) }

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func whatIsSavedIsLoaded() throws {
    #expect(try file.load(at: moment(0)) == nil)
    #expect(try file.save(sample(), at: moment(0)) == nil)
    expectSame(try #require(try file.load(at: moment(0))), sample())
    #expect(try directory.names() == ["inventory"])
    #expect(try directory.mode(of: "inventory") == 0o640)
  }

  @Test func whatIsUnusableIsSetAsideAndKept() throws {
    try directory.write("garbage", to: "inventory")
    #expect(throws: InventoryFile.Unusable.invalid(.notAnInventory)) { try file.load(at: moment(0)) }
    let path = directory.path(of: "inventory.unusable-1795510800000")
    #expect(try file.setAside(at: moment(0)) == path)
    #expect(directory.text(of: "inventory.unusable-1795510800000") == "garbage")
    #expect(try file.load(at: moment(0)) == nil)
  }

  @Test func aDirectoryInItsPlaceIsNoInventory() throws {
    try directory.make("inventory")
    #expect(throws: InventoryFile.Unusable.self) { try file.load(at: moment(0)) }
    #expect(throws: FileError.self) { try file.save(sample(), at: moment(0)) }
    _ = try file.setAside(at: moment(0))
    #expect(try file.save(sample(), at: moment(0)) == nil)
  }

  /// What the manual says of it: some 110 bytes for each target.
  @Test func aTargetTakesSoManyBytes() {
    var inventory = JobInventory(policy: Policy(removal: .never))
    let count = 10_000
    for host in 0..<UInt32(count) {
      let sighting = Sighting(
        exporter: "node_exporter", version: "1.9.1", nodename: "server-\(host).example", startTime: 1_795_510_800.12)
      let silence = silence(since: 0, missedScans: 3, counted: 180, reason: "connect timeout")
      let state: Target.State = host.isMultiple(of: 10) ? .silent(silence) : .up
      inventory.targets[endpoint(host)] = target(host, sighting, state, at: 0)
    }
    let stored = StoredInventory(jobs: [.init(name: "node", targetFile: "a.yml", inventory: inventory)])
    let bytes = stored.encoded(at: moment(0)).count / count
    #expect((100...135).contains(bytes), "\(bytes)")
  }

  /// A larger one would be set aside by the next process.
  @Test func noMoreIsStoredThanIsRead() throws {
    let size = Int64(sample().encoded(at: moment(0)).count)
    let path = directory.path(of: "inventory")
    #expect(try InventoryFile(path: path, maxSize: size).save(sample(), at: moment(0)) == nil)
    expectSame(try #require(try InventoryFile(path: path, maxSize: size).load(at: moment(0))), sample())
    let smaller = InventoryFile(path: path, maxSize: size - 1)
    #expect(throws: InventoryFile.Unusable.file(.tooLarge(path: path, size: size, limit: size - 1))) {
      try smaller.load(at: moment(0))
    }
    #expect(throws: FileError.tooMuch(path: path, limit: size - 1)) { try smaller.save(sample(), at: moment(9)) }
    expectSame(try #require(try file.load(at: moment(0))), sample())
    #expect(try directory.names() == ["inventory"])
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give links away"))
  func aLinkOfAnotherIsNeitherReadNorReplaced() throws {
    for name in ["shared", "outside"] { try directory.make(name) }
    try directory.write("precious", to: "outside/inventory")
    try directory.link("shared/inventory", to: "../outside/inventory")
    let path = directory.path(of: "shared/inventory")
    #expect(unsafe lchown(path, 12_345, 12_345) == 0 && chmod(directory.path(of: "shared"), 0o1777) == 0)
    let file = InventoryFile(path: path)
    let error = FileError.linkOfAnother(path: path, owner: 12_345)
    #expect(throws: InventoryFile.Unusable.file(error)) { try file.load(at: moment(0)) }
    #expect(throws: error) { try file.save(sample(), at: moment(0)) }
    #expect(throws: error) { try file.setAside(at: moment(0)) }
    #expect(try directory.names(in: "outside") == ["inventory"])
    #expect(directory.text(of: "outside/inventory") == "precious")
  }

  @Test func leftoversAreRemoved() throws {
    try directory.write("x", to: ".inventory.abcdef.tmp")
    try directory.write("x", to: ".inventory.keep.tmp")
    file.removeLeftovers()
    #expect(try directory.names() == [".inventory.keep.tmp"])
  }

  @Test(
    arguments: [
      (.notAnInventory, "it is no inventory of subnet-sd"),
      (.newer(version: 4), "a later subnet-sd wrote it, in version 4 of the format"),
      (.damaged, "it is damaged: its checksum does not fit"), (.line(7), "line 7 is wrong"),
    ] as [(StoredInventory.Invalid, String)])
  func saysWhatIsWrong(invalid: StoredInventory.Invalid, sentence: String) {
    #expect(InventoryFile.Unusable.invalid(invalid).description == sentence)
  }
}
