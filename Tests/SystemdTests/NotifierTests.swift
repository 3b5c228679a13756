import Glibc
import Synchronization
import Testing

@testable import Systemd

/// The datagrams that `body` sends.
private func datagrams(_ body: (Notifier) -> Void) -> [String] {
  let sent = Sent()
  body(Notifier { datagram in sent.datagrams.withLock { $0.append(datagram) } })
  return sent.datagrams.withLock(\.self)
}

private final class Sent: Sendable {
  let datagrams = Mutex<[String]>([])
}

@Suite struct Datagrams {
  @Test func eachSaysWhatTheProtocolWants() {
    let sent = datagrams { notifier in
      notifier.ready(status: "3 targets")
      notifier.status("4 targets")
      notifier.watchdog()
      notifier.stopping()
      notifier.failed(status: "wrong configuration", errno: 22)
    }
    #expect(
      sent == [
        "READY=1\nSTATUS=3 targets", "STATUS=4 targets", "WATCHDOG=1", "STOPPING=1\nSTATUS=Stopping",
        "STATUS=wrong configuration\nERRNO=22",
      ])
  }

  @Test func aReloadTellsWhenItBegan() throws {
    let before = monotonicMicroseconds()
    let sent = try #require(datagrams { $0.reloading() }.first)
    let after = monotonicMicroseconds()
    let start = "RELOADING=1\nMONOTONIC_USEC="
    #expect(sent.hasPrefix(start))
    let time = try #require(Int(sent.dropFirst(start.count)))
    #expect((before...after).contains(time))
  }

  /// A name in a sentence may come from a file or a network.
  @Test func aSentenceIsOneLine() {
    for newline in ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"] {
      let sent = datagrams { notifier in
        notifier.ready(status: "a\(newline)STOPPING=1")
        notifier.status("a\(newline)MAINPID=1")
        notifier.failed(status: "a\(newline)WATCHDOG=trigger", errno: 22)
      }
      #expect(sent == ["READY=1\nSTATUS=a STOPPING=1", "STATUS=a MAINPID=1", "STATUS=a WATCHDOG=trigger\nERRNO=22"])
    }
  }

  /// Of a datagram with more than 4096 bytes systemd takes nothing, READY=1 included.
  @Test(arguments: ["x", "é", "東", "🇨🇭", "e\u{301}"])
  func aLongSentenceIsCut(character: String) throws {
    for length in 1_000...1_010 {
      let sentence = String(repeating: "-", count: length) + String(repeating: character, count: 5_000)
      let sent = datagrams { notifier in
        notifier.ready(status: sentence)
        notifier.failed(status: sentence, errno: .max)
      }
      for datagram in sent { #expect(datagram.utf8.count <= 4_096) }
      let shown = try #require(sent.first).dropFirst("READY=1\nSTATUS=".count)
      #expect(shown.last == "…")
      #expect(sentence.hasPrefix(shown.dropLast()))
      #expect(shown.utf8.count > 1_900)
    }
  }

  @Test func aSentenceThatFitsIsNotCut() {
    let sentence = String(repeating: "x", count: 1_900)
    #expect(datagrams { $0.status(sentence) } == ["STATUS=\(sentence)"])
  }
}

/// Each in a process of its own, because of the environment.
@Suite struct ServiceManagers {
  @Test func theSocketHearsEachDatagram() async {
    await #expect(processExitsWith: .success) {
      let manager = ManagerSocket()
      unsafe setenv("NOTIFY_SOCKET", manager.name, 1)
      Notifier.systemd.ready(status: "3 targets, ü")
      Notifier.systemd.watchdog()
      Notifier.systemd.stopping()
      for expected in ["READY=1\nSTATUS=3 targets, ü", "WATCHDOG=1", "STOPPING=1\nSTATUS=Stopping"] {
        guard manager.receive() == expected else { exit(1) }
      }
    }
  }

  @Test func withoutASocketNothingIsSentAndNothingFails() async {
    await #expect(processExitsWith: .success) {
      for name in ["", "/nowhere/at/all", "@nobody-listens-here", "relative"] {
        unsafe setenv("NOTIFY_SOCKET", name, 1)
        Notifier.systemd.ready(status: "x")
      }
      unsafe unsetenv("NOTIFY_SOCKET")
      Notifier.systemd.watchdog()
    }
  }

  @Test func theWatchdogIsForThisProcess() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("WATCHDOG_USEC")
      guard Notifier.watchdogInterval() == nil else { exit(1) }
      unsafe setenv("WATCHDOG_USEC", "30000000", 1)
      guard Notifier.watchdogInterval() == .seconds(30) else { exit(2) }
      unsafe setenv("WATCHDOG_PID", "1", 1)
      guard Notifier.watchdogInterval() == nil else { exit(3) }
      unsafe setenv("WATCHDOG_PID", "\(getpid())", 1)
      guard Notifier.watchdogInterval() == .seconds(30) else { exit(4) }
      for nonsense in ["", "x", "0", "-1", "18446744073709551615"] {
        unsafe setenv("WATCHDOG_USEC", nonsense, 1)
        guard Notifier.watchdogInterval() == nil else { exit(5) }
      }
    }
  }

  @Test func standardErrorIsTheJournalOnlyIfItsInodeSaysSo() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("JOURNAL_STREAM")
      guard !JournalStream.isStandardError else { exit(1) }
      var status = stat()
      guard unsafe fstat(STDERR_FILENO, &status) == 0 else { exit(2) }
      unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
      guard JournalStream.isStandardError, JournalLogHandler.Destination.ofStandardError == .journal else { exit(3) }
      unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino + 1)", 1)
      guard !JournalStream.isStandardError, JournalLogHandler.Destination.ofStandardError != .journal else { exit(4) }
    }
  }
}

/// What the service manager listens on: a datagram socket, with a name that the kernel chooses.
private struct ManagerSocket: ~Copyable {
  private let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)

  init() {
    var family = sa_family_t(AF_UNIX)
    let bound = unsafe withUnsafeMutablePointer(to: &family) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        // No name at all: one of the abstract namespace is given (unix(7), autobind).
        unsafe bind(number, $0, socklen_t(MemoryLayout<sa_family_t>.size))
      }
    }
    precondition(bound == 0, "no socket")
  }

  deinit { close(number) }

  /// As it stands in the environment.
  var name: String {
    var address = sockaddr_un()
    var size = socklen_t(MemoryLayout<sockaddr_un>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(number, $0, &size) }
    }
    let length = Int(size) - MemoryLayout<sa_family_t>.size
    let bytes = unsafe withUnsafeBytes(of: &address.sun_path) { unsafe Array($0.prefix(length)) }
    return "@" + String(decoding: bytes.dropFirst(), as: UTF8.self)
  }

  func receive() -> String {
    var bytes = [UInt8](repeating: 0, count: 8_192)
    let count = unsafe recv(number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

private func monotonicMicroseconds() -> Int {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}
