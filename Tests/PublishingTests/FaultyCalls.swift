import Files
import Glibc
import Publishing
import Synchronization

/// System calls that are counted, and of which some fail.
struct FaultyCalls {
  /// Which of the calls fail, counted from 1.
  enum Fault {
    case none
    case only(Int)
    case from(Int)
  }

  private final class Counter: Sendable {
    let fault: Fault
    let errno: Int32
    let before: @Sendable (Int) -> Void
    let count = Mutex(0)

    init(_ fault: Fault, _ errno: Int32, _ before: @escaping @Sendable (Int) -> Void) {
      self.fault = fault
      self.errno = errno
      self.before = before
    }

    func next() throws(Errno) {
      let number = count.withLock { count in
        count += 1
        return count
      }
      before(number)
      switch fault {
      case .none: break
      case .only(let position): if number == position { throw Errno(errno) }
      case .from(let position): if number >= position { throw Errno(errno) }
      }
    }
  }

  private let counter: Counter
  let calls: FileCalls
  /// How many calls were made.
  var count: Int { counter.count.withLock { $0 } }

  /// Writes put down at most `maxWrite` bytes at once, and half of that before they fail. `before` hears of each call, with
  /// its number, just before it is made.
  init(
    _ fault: Fault = .none, errno: Int32 = EIO, maxWrite: Int = .max,
    before: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    let counter = Counter(fault, errno, before)
    let system = FileCalls.system
    self.counter = counter
    var calls = FileCalls.system
    calls.lookUp = { directory, name, followsLink throws(Errno) in
      try counter.next()
      return try system.lookUp(directory, name, followsLink)
    }
    calls.readLink = { link throws(Errno) in
      try counter.next()
      return try system.readLink(link)
    }
    calls.openDirectory = { directory throws(Errno) in
      try counter.next()
      return try system.openDirectory(directory)
    }
    calls.checkWritable = { directory throws(Errno) in
      try counter.next()
      try system.checkWritable(directory)
    }
    calls.inspect = { directory, name throws(Errno) in
      try counter.next()
      return try system.inspect(directory, name)
    }
    calls.open = { directory, name, manner throws(Errno) in
      try counter.next()
      return try system.open(directory, name, manner)
    }
    calls.read = { file, count throws(Errno) in
      try counter.next()
      return try system.read(file, count)
    }
    calls.create = { directory, name throws(Errno) in
      try counter.next()
      return try system.create(directory, name)
    }
    calls.write = { file, bytes, offset throws(Errno) in
      do throws(Errno) {
        try counter.next()
      } catch {
        if error.code != EINTR { _ = try system.write(file, bytes.prefix(bytes.count / 2), offset) }
        throw error
      }
      return try system.write(file, bytes.prefix(maxWrite), offset)
    }
    calls.changeOwner = { file, owner throws(Errno) in
      try counter.next()
      try system.changeOwner(file, owner)
    }
    calls.changeGroup = { file, group throws(Errno) in
      try counter.next()
      try system.changeGroup(file, group)
    }
    calls.changeMode = { file, mode throws(Errno) in
      try counter.next()
      try system.changeMode(file, mode)
    }
    calls.sync = { descriptor throws(Errno) in
      try counter.next()
      try system.sync(descriptor)
    }
    calls.close = { file throws(Errno) in
      // Whatever it says, close closes.
      try system.close(file)
      try counter.next()
    }
    calls.rename = { directory, old, new throws(Errno) in
      try counter.next()
      try system.rename(directory, old, new)
    }
    calls.remove = { directory, name throws(Errno) in
      try counter.next()
      try system.remove(directory, name)
    }
    self.calls = calls
  }
}
