internal import Addressing
internal import Files
internal import Glibc
internal import Synchronization

/// Sweeps by SYN: who answers one is connected to, in the way of every other attempt.
extension SweepLoop {
  /// Opens what a sweep by SYN needs; a family that cannot be had is swept by connections.
  mutating func openLines(for sweep: ActiveSweep) {
    guard sweep.wantsSyns else { return }
    for isIPv6 in [false, true] where sweep.sweep.endpoints.has(isIPv6: isIPv6) && line(isIPv6: isIPv6) == nil {
      guard let line = try? SynLine(isIPv6: isIPv6, split: attached.split) else { continue }
      guard (try? epoll.watchReadable(line.raw.number, tag: Self.tag(ofLine: isIPv6))) != nil else { continue }
      if isIPv6 { line6 = line } else { line4 = line }
    }
    line4?.noteRoutes(split: attached.split)
    sweep.beginSyns(toIPv4: line4 != nil, toIPv6: line6 != nil, except: addressesToConnectTo(beside: sweep))
  }

  /// Where a sweep is made by connections: in attached networks, where a SYN waits for the neighbour in a queue that all SYNs
  /// share, and the neighbour table sets the pace, so that connections are as fast; and where another sweep asks the same
  /// endpoints by SYN, as a host would take the second SYN for a strange one of the first connection.
  private func addressesToConnectTo(beside sweep: ActiveSweep) -> AddressSet {
    let ports = Set(sweep.sweep.endpoints.ports)
    let others = sweeps.filter { $0.sendsSyns && !ports.isDisjoint(with: $0.sweep.endpoints.ports) }
    return AddressSet(attached.addresses.spans + others.flatMap(\.sweep.endpoints.addresses.spans))
  }

  /// While a raw socket is open the kernel asks its filter about every segment that comes.
  mutating func closeUnusedLines() {
    guard line4 != nil || line6 != nil, !sweeps.contains(where: \.sendsSyns) else { return }
    (line4, line6) = (nil, nil)
  }

  private func line(isIPv6: Bool) -> SynLine? { isIPv6 ? line6 : line4 }

  /// By what an attempt is made that is to be a SYN by itself; nil where it is to be a connection, be it for a while.
  func line(for attempt: Attempt, at now: UInt64) -> SynLine? {
    guard attempt.isBySyn, let line = line(isIPv6: attempt.endpoint.address.bitWidth == 128) else { return nil }
    return line.jam.isOn(at: now) ? nil : line
  }

  /// Those of the raw sockets; beside the bell's.
  static func tag(ofLine isIPv6: Bool) -> UInt64 { isIPv6 ? .max - 2 : .max - 1 }

  // MARK: Asking

  /// Queues a SYN, and sends a batch where that is full.
  mutating func ask(_ attempt: Attempt, of sweep: ActiveSweep, by line: SynLine, at now: UInt64) {
    let refusal = line.queue(
      attempt, of: sweep, sequence: sweep.sequence(for: attempt.endpoint),
      isBroadcast: attached.isBroadcast(attempt.endpoint.address), at: now)
    if case .starved = refusal {
      sweep.backlog.putBack(attempt)
      return congest(line, at: now)
    }
    if let refusal { return conclude(attempt, of: sweep, refusal, at: now) }
    if line.queued.count == SynLine.batch { send(by: line, at: now) }
  }

  mutating func sendAll(at now: UInt64) {
    if let line4 { send(by: line4, at: now) }
    if let line6 { send(by: line6, at: now) }
  }

  private mutating func send(by line: SynLine, at now: UInt64) {
    var first = 0
    while first < line.queued.count {
      switch line.send(from: first) {
      case .success(let count):
        noteSent(line.queued[first..<(first + count)], at: now)
        inbox.syns.wrappingAdd(UInt64(count), ordering: .relaxed)
        pace.succeed(at: now)
        line.jam.noteSent()
        first += count
      case .failure(let failure):
        let (sweep, attempt) = line.queued[first]
        let result = result(of: failure.errno, attempt.endpoint)
        if failure.errno == EINVAL { line.forgetSources() }
        guard case .starved = result else {
          conclude(attempt, of: sweep, result, at: now)
          first += 1
          continue
        }
        // What did not fit is sent when there is room again.
        for (sweep, attempt) in line.queued[first...] { sweep.backlog.putBack(attempt) }
        first = line.queued.count
        congest(line, at: now)
      }
    }
    line.clear()
  }

  private mutating func congest(_ line: SynLine, at now: UInt64) {
    pace.congest(at: now)
    line.jam.noteRefused(at: now)
  }

  /// Runs of one sweep are noted at once.
  private func noteSent(_ sent: ArraySlice<(sweep: ActiveSweep, attempt: Attempt)>, at now: UInt64) {
    var rest = sent
    while let sweep = rest.first?.sweep {
      let run = rest.prefix { $0.sweep === sweep }.count
      sweep.noteSyns(run, at: now)
      rest = rest.dropFirst(run)
    }
  }

  // MARK: Answers

  /// At most so many batches are taken before the rest of the loop has its turn, whatever floods the port.
  private static let batchesInARow = 16

  mutating func hear(_ line: SynLine) {
    let sweeps = sweeps
    for _ in 0..<Self.batchesInARow {
      let mayBeMore = line.receive { answer in
        for sweep in sweeps where sweep.take(answer) { break }
      }
      guard mayBeMore else { return }
    }
    hasUnheard = true
  }

  /// Up to when SYNs have fallen due: what has come and was not heard yet is waited for, but not for ever, whoever floods the
  /// port.
  func dueSyns(at now: UInt64) -> UInt64 { hasUnheard ? now - min(now, Self.flood) : now }

  private static let flood: UInt64 = 5_000_000_000

  // MARK: Errors

  /// Reads what sending a SYN said. A firewall of this machine that drops it says EPERM, where connect() says nothing and
  /// waits in vain; what comes from an IPv4 address that was taken away meanwhile says EINVAL.
  private func result(of errno: Int32, _ endpoint: Endpoint) -> ConnectResult {
    switch errno {
    case EPERM: .failed(.unreachable(errno: errno))
    case EINVAL where endpoint.address.bitWidth == 32: .local(LocalFailure(errno: EADDRNOTAVAIL))
    default: ConnectResult(immediate: errno, isBroadcast: attached.isBroadcast(endpoint.address))
    }
  }
}
