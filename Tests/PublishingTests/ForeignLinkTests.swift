import Addressing
import Files
import Foundation
import Glibc
import Publishing
import Support
import Synchronization
import Testing

/// A user who may write where a target file is to be, such as in /tmp, puts links in the way of root.
@Suite(.enabled(if: geteuid() == 0, "only root may give links away"))
struct ForeignLinkTests {
  private static let stranger: UInt32 = 12_345

  private let directory: TemporaryDirectory
  private let groups: [TargetGroup]
  private let endpoints: EndpointSet

  /// `shared/way/sd.yml` is where the file is to be; `outside` is where it may not be.
  init() throws {
    directory = try TemporaryDirectory()
    groups = try Samples.groups(["10.0.1.1:9100"])
    endpoints = try Samples.endpoints()
    for name in ["outside", "shared", "shared/way"] { try directory.make(name) }
    for name in ["shared", "shared/way"] { try #require(unsafe chmod(directory.path(of: name), 0o1777) == 0) }
    try directory.write("precious", to: "outside/sd.yml")
  }

  private func expectNothingOutside() throws {
    #expect(try directory.names(in: "outside") == ["sd.yml"])
    #expect(directory.text(of: "outside/sd.yml") == "precious")
    #expect(try directory.mode(of: "outside/sd.yml") == 0o644)
  }

  /// Puts a stranger's link in the place of the file, or of the directory that it is in.
  private static func swap(_ name: String, for target: String, in directory: TemporaryDirectory) {
    let (path, link) = (directory.path(of: "shared/\(name)"), directory.path(of: "shared/evil"))
    unsafe symlink(directory.path(of: target), link)
    unsafe lchown(link, stranger, stranger)
    unsafe rename(path, directory.path(of: "shared/before-\(UUID())"))
    unsafe rename(link, path)
  }

  @Test(arguments: [("way/sd.yml", "outside/sd.yml"), ("way/sd.yml", "outside/new.yml"), ("way", "outside")])
  func writesNothingWhereALinkOfAnotherLeads(name: String, target: String) throws {
    Self.swap(name, for: target, in: directory)
    let file = try Samples.file(directory.path(of: "shared/way/sd.yml"))
    let error = PublishingError.file(
      .linkOfAnother(path: directory.path(of: "shared/way/sd.yml"), owner: Self.stranger))
    #expect(throws: error) { try file.check() }
    #expect(throws: error) { try file.adopt(within: endpoints) }
    #expect(throws: error) { try file.replace(with: groups, within: endpoints) }
    #expect(throws: error) { try file.retire(where: { _ in true }, needsTLS: { _ in true }) }
    try directory.write("left", to: "outside/.sd.yml.abcdef.tmp")
    file.removeLeftovers()
    #expect(directory.text(of: "outside/.sd.yml.abcdef.tmp") == "left")
    try directory.remove("outside/.sd.yml.abcdef.tmp")
    try expectNothingOutside()
  }

  /// Whichever two system calls it is done between.
  @Test(arguments: [("way/sd.yml", "outside/sd.yml"), ("way", "outside")], [false, true])
  func writesNothingOutsideWhenALinkComesInBetween(swap: (name: String, target: String), isPresent: Bool) throws {
    var position = 1
    while true {
      let test = try ForeignLinkTests()
      if isPresent { try test.directory.write("[]\n", to: "shared/way/sd.yml") }
      let (at, directory) = (position, test.directory)
      let faulty = FaultyCalls { number in
        if number == at { Self.swap(swap.name, for: swap.target, in: directory) }
      }
      let file = try Samples.file(directory.path(of: "shared/way/sd.yml"), calls: faulty.calls)
      _ = try? file.replace(with: groups, within: endpoints)
      try test.expectNothingOutside()
      if faulty.count < position { break }
      position += 1
    }
    #expect(position > 10)
  }

  /// The same, at any moment: another thread swaps directory and file all the time.
  @Test func writesNothingOutsideWhileLinksComeAndGo() throws {
    let isDone = Atomic(false)
    let (directory, count) = (self.directory, 400)
    // Of the disk this says nothing.
    var withoutSync = FileCalls.system
    withoutSync.sync = { _ throws(Errno) in }
    let calls = withoutSync
    DispatchQueue.concurrentPerform(iterations: 2) { thread in
      if thread == 1 {
        while !isDone.load(ordering: .relaxed) {
          for name in ["way", "way/sd.yml"] {
            Self.swap(name, for: name == "way" ? "outside" : "outside/sd.yml", in: directory)
            try? directory.remove("shared/\(name)")
            guard name == "way" else { continue }
            try? directory.make("shared/way")
            _ = unsafe chmod(directory.path(of: "shared/way"), 0o1777)
          }
        }
        return
      }
      for turn in 0..<count {
        let file = TargetFile(
          path: directory.path(of: "shared/way/sd.yml"), job: "node \(turn)", mode: 0o600, calls: calls)
        _ = try? file?.replace(with: groups, within: endpoints)
      }
      isDone.store(true, ordering: .relaxed)
    }
    try expectNothingOutside()
  }
}
