import Files
import Glibc
import Publishing
import Support
import Testing

/// Whatever fails, the file is the old one or the new one, whole, and nothing lies beside it.
struct ReplacementFaultTests {
  enum Start: CaseIterable {
    case absent, present, linked, danglingLink

    var isPresent: Bool { self == .present || self == .linked }
    var isLinked: Bool { self == .linked || self == .danglingLink }
  }

  private struct Outcome {
    var result: Result<Replacement, PublishingError>
    var callCount: Int
  }

  private let old: [TargetGroup]
  private let new: [TargetGroup]

  init() throws {
    old = try Samples.groups((1...60).map { "10.0.1.\($0):9100" })
    new = try Samples.groups((20...99).map { "10.0.1.\($0):9100" })
  }

  private func prepare(_ start: Start) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.make("real")
    if start.isPresent { try directory.write(Samples.bytes(old), to: "real/sd.yml") }
    if start.isLinked { try directory.link("link.yml", to: "real/sd.yml") }
    return directory
  }

  private func replace(_ directory: TemporaryDirectory, _ start: Start, _ faulty: FaultyCalls) throws -> Outcome {
    let name = start.isLinked ? "link.yml" : "real/sd.yml"
    let file = try Samples.file(directory.path(of: name), calls: faulty.calls)
    let endpoints = try Samples.endpoints()
    let result = Result { () throws(PublishingError) in try file.replace(with: new, within: endpoints) }
    return Outcome(result: result, callCount: faulty.count)
  }

  /// Returns whether the file is the new one.
  private func expectWhole(_ directory: TemporaryDirectory, _ start: Start) throws -> Bool {
    let bytes = directory.bytes(of: "real/sd.yml")
    let isNew = bytes == Samples.bytes(new)
    #expect(isNew || bytes == (start.isPresent ? Samples.bytes(old) : nil))
    if start.isLinked {
      #expect(try directory.target(of: "link.yml") == "real/sd.yml")
    }
    #expect(try directory.openDescriptors.isEmpty)
    return isNew
  }

  @Test(arguments: Start.allCases, [EIO, ENOSPC, EACCES])
  func survivesTheFailureOfEachCall(start: Start, errno: Int32) throws {
    var steps: [FileError.Step] = []
    var position = 1
    while true {
      let directory = try prepare(start)
      let outcome = try replace(directory, start, FaultyCalls(.only(position), errno: errno))
      let isNew = try expectWhole(directory, start)
      switch outcome.result {
      case .success(.unchanged): Issue.record("call \(position) hid the difference")
      case .success(.replaced): #expect(isNew)
      case .success(.replacedUnsynced(let error)):
        #expect(isNew)
        #expect(
          error == .failed(.syncDirectory, path: directory.path(of: "real/sd.yml"), errno: errno))
        steps.append(.syncDirectory)
      case .failure(.file(.failed(let step, _, let code))):
        #expect(!isNew && code == errno)
        steps.append(step)
      case .failure(let error): Issue.record("call \(position): \(error)")
      }
      let names = try directory.names(in: "real")
      #expect(names == (isNew || start.isPresent ? ["sd.yml"] : []))
      if outcome.callCount < position { break }
      position += 1
    }
    // The order that survives a power cut: the bytes reach the disk before the name, the name before the end.
    let depth = try prepare(start).path.split(separator: "/").count
    var expected: [FileError.Step] = Array(repeating: .openDirectory, count: 1 + depth)
    if start.isLinked { expected += [.follow, .follow] }
    expected += [.openDirectory, .follow, .inspect]
    if start.isPresent { expected += [.open, .read, .read] }
    expected += [.openDirectory, .create, .write, .changeMode, .sync, .close, .rename, .syncDirectory]
    #expect(steps == expected)
  }

  @Test(arguments: Start.allCases)
  func survivesTheFailureOfEveryCallFromOneOn(start: Start) throws {
    var position = 1
    while true {
      let directory = try prepare(start)
      let outcome = try replace(directory, start, FaultyCalls(.from(position)))
      let isNew = try expectWhole(directory, start)
      // Where removing fails too, the next start removes what was left.
      try Samples.file(directory.path(of: "real/sd.yml")).removeLeftovers()
      let names = try directory.names(in: "real")
      #expect(names == (isNew || start.isPresent ? ["sd.yml"] : []))
      if outcome.callCount < position { break }
      position += 1
    }
    #expect(position > 10)
  }

  @Test(arguments: Start.allCases)
  func goesOnAfterASignal(start: Start) throws {
    var position = 1
    while true {
      let directory = try prepare(start)
      let outcome = try replace(directory, start, FaultyCalls(.only(position), errno: EINTR))
      #expect(try outcome.result.get() == .replaced)
      #expect(try expectWhole(directory, start))
      if outcome.callCount < position { break }
      position += 1
    }
    #expect(position > 10)
  }

  @Test(arguments: [1, 2, 7, 100, 4095])
  func goesOnAfterAShortWrite(maxWrite: Int) throws {
    let directory = try prepare(.present)
    let outcome = try replace(directory, .present, FaultyCalls(maxWrite: maxWrite))
    #expect(try outcome.result.get() == .replaced)
    #expect(try expectWhole(directory, .present))
  }

  @Test
  func givesUpOnAWriteOfNothing() throws {
    let directory = try prepare(.present)
    let path = directory.path(of: "real/sd.yml")
    let outcome = try replace(directory, .present, FaultyCalls(maxWrite: 0))
    #expect(outcome.result == .failure(.file(.failed(.write, path: path, errno: EIO))))
    #expect(try !expectWhole(directory, .present))
  }

  @Test
  func takesAnotherNameWhereOneIsTaken() throws {
    let directory = try prepare(.present)
    let isTaken = Once()
    var calls = FileCalls.system
    calls.create = { number, name throws(Errno) in
      if isTaken.first() { throw Errno(EEXIST) }
      return try FileCalls.system.create(number, name)
    }
    let file = try Samples.file(directory.path(of: "real/sd.yml"), calls: calls)
    #expect(try file.replace(with: new, within: Samples.endpoints()) == .replaced)
    #expect(try expectWhole(directory, .present))
  }

  @Test
  func givesUpWhereEveryNameIsTaken() throws {
    let directory = try prepare(.present)
    var calls = FileCalls.system
    calls.create = { _, _ throws(Errno) in throw Errno(EEXIST) }
    let path = directory.path(of: "real/sd.yml")
    let file = try Samples.file(path, calls: calls)
    #expect(throws: PublishingError.file(.failed(.create, path: path, errno: EEXIST))) {
      try file.replace(with: new, within: Samples.endpoints())
    }
    #expect(try !expectWhole(directory, .present))
  }

  /// Some file systems cannot sync a directory: fsync(2) says EINVAL.
  @Test
  func toleratesDirectoriesThatCannotBeSynced() throws {
    let directory = try prepare(.present)
    let isFile = Once()
    var calls = FileCalls.system
    calls.sync = { number throws(Errno) in
      if isFile.first() { return try FileCalls.system.sync(number) }
      throw Errno(EINVAL)
    }
    let file = try Samples.file(directory.path(of: "real/sd.yml"), calls: calls)
    #expect(try file.replace(with: new, within: Samples.endpoints()) == .replaced)
    #expect(try expectWhole(directory, .present))
  }

  @Test
  func canBeTriedAgain() throws {
    let directory = try prepare(.present)
    let path = directory.path(of: "real/sd.yml")
    let faulty = FaultyCalls(.from(9), errno: ENOSPC)
    #expect(throws: PublishingError.self) {
      try Samples.file(path, calls: faulty.calls).replace(with: new, within: Samples.endpoints())
    }
    #expect(try Samples.file(path).replace(with: new, within: Samples.endpoints()) == .replaced)
    #expect(try Samples.file(path).replace(with: new, within: Samples.endpoints()) == .unchanged)
  }
}
