import Dispatch
import Synchronization
import Testing

@testable import Daemon
@testable import Web

private let start = SuspendingClock().now

private func at(_ milliseconds: Int) -> SuspendingClock.Instant { start + .milliseconds(milliseconds) }

@Suite struct ReloadGates {
  @Test func wishesBetweenTwoReloadsShareTheSecond() {
    var gate = ReloadGate()
    let heard = Mutex<[Backend.Reload]>([])
    let reply: ReloadGate.Reply = { outcome in heard.withLock { $0.append(outcome) } }
    #expect(gate.ask(reply, now: at(0)) == .zero)
    #expect(gate.begin().count == 1)
    gate.end(began: at(0), now: at(10))
    #expect(gate.ask(reply, now: at(110)) == .milliseconds(900))
    for _ in 1..<ReloadGate.maxReplies { #expect(gate.ask(reply, now: at(200)) == nil) }
    #expect(gate.ask(nil, now: at(200)) == nil)
    #expect(heard.withLock { $0 } == [])
    #expect(gate.ask(reply, now: at(200)) == nil)
    #expect(heard.withLock { $0 } == [.busy])
    #expect(gate.begin().count == ReloadGate.maxReplies)
    gate.end(began: at(1_010), now: at(2_010))
    #expect(gate.ask(nil, now: at(2_010)) == .seconds(4), "a fifth of the time")
  }

  /// Who waits for a reload keeps a connection that cannot be closed to make room.
  @Test func wishesThatWaitLeaveTheirPeerConnections() {
    #expect(ReloadGate.maxReplies <= Bounds.standard.fairShare)
  }

  @Test func theSameRefusalIsLoggedOnceAMinute() {
    var gate = ReloadGate()
    #expect(gate.mustLog(["a"], now: at(0)) == true)
    #expect(gate.mustLog(["a"], now: at(59_999)) == false)
    #expect(gate.mustLog(["b"], now: at(59_999)) == true)
    #expect(gate.mustLog(["b"], now: at(119_999)) == true)
    gate.forgetRefusal()
    #expect(gate.mustLog(["b"], now: at(120_000)) == true)
  }
}

@Suite(.timeLimit(.minutes(5))) struct ReloadFloods {
  private let web = "web: {listen_address: \"\", enable_lifecycle: true}\n"
  private let job = "{job_name: node, ranges: [127.89.15.1], ports: [1]}"

  @Test func costOneReload() async throws {
    try await withDaemon("\(web)scan_configs: [\(job)]", every: .seconds(3_600)) { daemon in
      let (outcomes, hear) = AsyncStream<Backend.Reload>.makeStream()
      for _ in 0..<2_000 { daemon.post.yield(.reloadAsked { hear.yield($0) }) }
      for _ in 0..<500 { daemon.post.yield(.hangUp) }
      var counts: [Backend.Reload: Int] = [:]
      for await outcome in outcomes {
        counts[outcome, default: 0] += 1
        if counts.values.reduce(0, +) == 2_000 { break }
      }
      #expect(counts.keys.allSatisfy { [.done, .busy].contains($0) })
      #expect(counts[.done] ?? 0 > ReloadGate.maxReplies)
      #expect(daemon.heard.entries.count { $0.message.hasPrefix("configuration reloaded") } < 20)
    }
  }

  @Test func whoWaitsForAReloadHearsThatItWillNotCome() async throws {
    let (outcomes, hear) = AsyncStream<Backend.Reload>.makeStream()
    try await withDaemon("\(web)scan_configs: [\(job)]", every: .seconds(3_600)) { daemon in
      for _ in 0..<2 { daemon.post.yield(.reloadAsked { hear.yield($0) }) }
      // At once, so that the second is not due yet.
      daemon.post.yield(.terminate(signal: 15))
    }
    var heard: [Backend.Reload] = []
    for await outcome in outcomes.prefix(2) { heard.append(outcome) }
    #expect(heard == [.done, .refused(["the daemon is stopping"])])
  }

  /// However often it is reloaded, one thread waits for a service manager that does not answer.
  @Test func askAServiceManagerThatHangsOnce() async throws {
    let calls = Mutex(0)
    let mayAnswer = DispatchSemaphore(value: 0)
    let (asked, hear) = AsyncStream<Void>.makeStream()
    try await withDaemon(
      "\(web)scan_configs: [\(job)]", every: .seconds(3_600),
      askServiceManager: {
        calls.withLock { $0 += 1 }
        hear.yield()
        mayAnswer.wait()
        return nil
      }
    ) { daemon in
      for await _ in asked { break }
      for _ in 0..<2 {
        daemon.post.yield(.hangUp)
        await daemon.heard.log("configuration reloaded, 1 job")
      }
      #expect(calls.withLock { $0 } == 1)
      mayAnswer.signal()
      for await _ in asked { break }
      #expect(calls.withLock { $0 } == 2)
      mayAnswer.signal()
    }
  }
}

@Suite struct OwnNames {
  @Test func areThoseThatTheMachineHas() {
    let hosts = """
      127.0.0.1 localhost
      127.0.1.1 Scanner.example.org scanner # me
      10.0.0.9 other.example.org other
      """
    let resolver = "nameserver 10.0.0.1\nsearch corp.example. lab.example\noptions ndots:1"
    let names = MachineNames.names(of: "scanner", hosts: hosts, resolver: resolver)
    #expect(
      names == ["scanner", "scanner.corp.example.", "scanner.example.org", "scanner.lab.example"])
    #expect(MachineNames.names(of: "a.b.c", hosts: "", resolver: "") == ["a", "a.b.c"])
    #expect(MachineNames.names(of: "", hosts: "", resolver: "") == [])
  }
}
