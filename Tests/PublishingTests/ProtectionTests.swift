import Addressing
import Exporters
import Files
import Glibc
import Publishing
import Support
import Testing

/// What a replacement does with a file that others wrote.
struct ProtectionTests {
  private let directory: TemporaryDirectory
  private let groups: [TargetGroup]

  init() throws {
    directory = try TemporaryDirectory()
    groups = try Samples.groups(["10.0.1.1:9100", "[fd00:1::7]:9100"])
  }

  private func replace(_ name: String) throws -> Replacement {
    try Samples.file(directory.path(of: name)).replace(with: groups, within: try Samples.endpoints())
  }

  /// Edits of a file of ours are overwritten, as its first line says: also those that break it.
  @Test(arguments: ["sd.yml", "sd.json"], ["extended", "cut", "emptied", "garbled", "removed"])
  func mendsEditsOfItsOwnFile(name: String, edit: String) throws {
    #expect(try replace(name) == .replaced)
    let bytes = try #require(directory.bytes(of: name))
    switch edit {
    case "extended":
      let foreign = name == "sd.yml" ? "- targets: ['db1:9100']\n" : ""
      try directory.write(bytes + foreign.utf8 + [0x20], to: name)
    case "cut": try directory.write(bytes.prefix(bytes.count - 50), to: name)
    case "emptied": try directory.write([], to: name)
    case "garbled": try directory.write(bytes + "{{".utf8, to: name)
    default: #expect(unsafe unlink(directory.path(of: name)) == 0)
    }
    #expect(try replace(name) == .replaced)
    #expect(directory.bytes(of: name) == bytes)
  }

  @Test
  func mendsAFileOfOursThatListedNothing() throws {
    let endpoints = try Samples.endpoints()
    let file = try Samples.file(directory.path(of: "sd.yml"))
    #expect(try file.replace(with: [], within: endpoints) == .replaced)
    let text = try #require(directory.text(of: "sd.yml"))
    try directory.write(text.replacing("[]", with: "- targets: ['db1:9100']"), to: "sd.yml")
    #expect(try replace("sd.yml") == .replaced)
  }

  @Test(arguments: [
    "- targets: ['10.0.1.1:9100']\n", "- targets: ['10.0.1.1:9100', '10.0.9.99:9100']\n  labels: {a: b}\n",
    "# mine\n", "[]\n", "",
  ])
  func replacesAFileOfOthersThatTheJobScans(text: String) throws {
    try directory.write(text, to: "sd.yml")
    #expect(try replace("sd.yml") == .replaced)
    #expect(directory.bytes(of: "sd.yml") == Samples.bytes(groups))
  }

  /// Whether or not a file was adopted before, and as often as it is tried.
  @Test(arguments: [false, true])
  func keepsAFileOfOthersWithTargetsThatNobodyElseKnows(isOursBefore: Bool) throws {
    if isOursBefore { #expect(try replace("sd.yml") == .replaced) }
    let foreign = "- targets: ['10.0.1.1:9100', 'db1:9100']\n"
    try directory.write(foreign, to: "sd.yml")
    let path = directory.path(of: "sd.yml")
    for _ in 1...2 {
      #expect(throws: PublishingError.foreign(path: path, count: 1, examples: ["db1:9100"])) {
        try replace("sd.yml")
      }
    }
    #expect(directory.text(of: "sd.yml") == foreign)
    #expect(try directory.names() == ["sd.yml"])

    #expect(unsafe rename(path, directory.path(of: "away")) == 0)
    #expect(try replace("sd.yml") == .replaced)
    #expect(directory.text(of: "away") == foreign)
  }

  /// Two daemons with one target file, or a scan's result in the place of a daemon's.
  @Test(arguments: ["sd.yml", "sd.json"])
  func keepsAFileThatWasWrittenForAnotherJob(name: String) throws {
    let path = directory.path(of: name)
    let theirs = try #require(TargetFile(path: path, job: "theirs", mode: 0o644))
    let format: TargetFileFormat = name == "sd.yml" ? .yaml : .json
    let groups = TargetGroup.groups(
      of: [try Samples.endpoint("10.77.0.1:9100"): Traits(exporter: "node_exporter")], job: "theirs", labels: [:],
      groupBy: 24)
    let endpoints = try #require(
      EndpointSet(addresses: AddressSet(try AddressRange("10.77.0.0/24").hosts), ports: [9100]))
    #expect(try theirs.replace(with: groups, within: endpoints) == .replaced)
    let error = PublishingError.foreign(path: path, count: 1, examples: ["10.77.0.1:9100"])
    #expect(throws: error) { try replace(name) }
    #expect(throws: error) { try Samples.file(path).adopt(within: try Samples.endpoints()) }
    #expect(try Samples.file(path).retire(where: { _ in true }, needsTLS: { _ in true }) == .notOurs)
    #expect(directory.bytes(of: name) == format.render(groups, keptFor: "theirs"))
    // One that has taken over that job's targets may.
    let heir = try #require(TargetFile(path: path, job: "node", mode: 0o644, formerJobs: ["theirs"]))
    #expect(try heir.replace(with: [], within: try Samples.endpoints()) == .replaced)
  }

  @Test(arguments: ["#!/bin/sh\necho\n- {\n", "hosts: [db1]\n", "\u{0}\u{1}"])
  func keepsAFileOfOthersThatItDoesNotUnderstand(text: String) throws {
    try directory.write(text, to: "sd.yml")
    let error = #expect(throws: PublishingError.self) { try replace("sd.yml") }
    guard case .invalid = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(directory.text(of: "sd.yml") == text)
    #expect(try directory.names() == ["sd.yml"])
  }

  /// Prometheus may read it with a password by now.
  @Test(arguments: ["sd.yml", "sd.json"])
  func aRetiredFileThatWaitsListsWithHTTPSWhatNeedsIt(name: String) throws {
    let targets = ["10.0.1.1:9100", "10.0.1.2:9100"]
    let (secret, file) = (try Samples.endpoint(targets[1]), try Samples.file(directory.path(of: name)))
    #expect(
      try file.replace(
        with: Samples.groups(targets, labels: [TargetGroup.jobLabel: "node"]), within: Samples.endpoints()) == .replaced
    )
    #expect(file.unencryptedCount() == 2)
    for secured in [1, 0] {
      #expect(try file.retire(where: { _ in false }, needsTLS: { $0 == secret }) == .waiting(secured: secured))
    }
    let listed = try file.adopt(within: Samples.endpoints()).wanted
    #expect(listed.mapValues(\.scheme) == [try Samples.endpoint(targets[0]): nil, secret: .https])
    #expect(file.unencryptedCount() == 1)
    #expect(file.unencryptedCount { $0 == secret } == 0)
    #expect(try file.retire(where: { _ in true }, needsTLS: { _ in true }) == .done(.replaced))
    #expect(file.unencryptedCount() == 0)
  }
}
