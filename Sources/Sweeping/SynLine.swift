internal import Addressing
internal import CLinux
internal import Files
internal import Glibc

/// A way to ask by SYN, and to hear the answers, of one family of addresses: a raw socket, and a port that is kept so that
/// the kernel uses it for nothing else.
///
/// The kernel knows no connection at that port, so it answers whoever accepts with a reset, and no host keeps half of one.
/// A class only so that it can be looked up by family; nothing but the loop touches it.
final class SynLine {
  let isIPv6: Bool
  let raw: Descriptor
  /// Bound and never listening.
  private let keeper: Descriptor
  let port: UInt16
  /// Of IPv4; the checksums of IPv6 are the kernel's to write.
  private let finder: SourceFinder?
  /// What waits to be sent, in the order of `records`.
  private(set) var queued: [(sweep: ActiveSweep, attempt: Attempt)] = []
  private var records: [UInt8] = []
  /// Whether what is sent gets out; where it does not, connections are made.
  var jam = SynJam()
  private var packets = [UInt8](repeating: 0, count: Int(RAW_BATCH * RAW_PACKET_RECORD))

  /// Fails with EPERM where CAP_NET_RAW is missing.
  init(isIPv6: Bool, split: Set<UInt32> = []) throws(LocalFailure) {
    self.isIPv6 = isIPv6
    let keeper = try Socket.bound(isIPv6: isIPv6)
    guard let port = Socket.port(of: keeper.number) else { throw LocalFailure(errno: errno) }
    let number = raw_tcp_new(isIPv6 ? 1 : 0, port)
    guard number >= 0 else { throw LocalFailure(errno: errno) }
    raw = Descriptor(owning: number)
    self.keeper = keeper
    self.port = port
    finder = isIPv6 ? nil : try SourceFinder(split: split)
    queued.reserveCapacity(Self.batch)
    records.reserveCapacity(Self.batch * Int(RAW_SEGMENT_RECORD))
  }

  /// As many as are sent by one call.
  static let batch = Int(RAW_BATCH)

  /// Why this process can ask nobody of a family by SYN now; nil where it can.
  static func obstacle(isIPv6: Bool) -> LocalFailure? {
    do throws(LocalFailure) {
      _ = try SynLine(isIPv6: isIPv6)
      return nil
    } catch {
      return error
    }
  }

  // MARK: Asking

  /// Queues a SYN; returns what this machine or its routes say against it.
  func queue(
    _ attempt: Attempt, of sweep: ActiveSweep, sequence: UInt32, isBroadcast: Bool, at now: UInt64
  ) -> ConnectResult? {
    var segment = SynSegment(destination: attempt.endpoint, source: nil, sourcePort: port, sequence: sequence)
    switch finder?.source(towards: attempt.endpoint, at: now) {
    case .source(let source): segment.source = source
    case .failed(let errno): return ConnectResult(immediate: errno, isBroadcast: isBroadcast)
    case nil: break
    }
    segment.append(to: &records)
    queued.append((sweep, attempt))
    return nil
  }

  /// Sends what is queued, from its `first` on, by one call; the number that was sent, or the error of the first.
  func send(from first: Int) -> Result<Int, LocalFailure> {
    let rest = records[(first * Int(RAW_SEGMENT_RECORD))...]
    let count = unsafe rest.withUnsafeBufferPointer { bytes in
      unsafe raw_tcp_send(raw.number, isIPv6 ? 1 : 0, bytes.baseAddress, Int32(queued.count - first))
    }
    return count > 0 ? .success(Int(count)) : .failure(LocalFailure(errno: errno))
  }

  func forgetSources() { finder?.forget() }

  /// Takes over which /24 a route leads to a part of.
  func noteRoutes(split: Set<UInt32>) { finder?.split = split }

  func clear() {
    queued.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
  }

  // MARK: Answers

  /// Takes up to a batch of answers; returns whether there may be more.
  func receive(_ body: (SynAnswer) -> Void) -> Bool {
    let count = Int(unsafe raw_tcp_receive(raw.number, isIPv6 ? 1 : 0, &packets))
    guard count > 0 else { return false }
    let size = Int(RAW_PACKET_RECORD)
    for index in 0..<count {
      let record = packets[(index * size)..<((index + 1) * size)]
      if let answer = SynAnswer(record: record, isIPv6: isIPv6, port: port) { body(answer) }
    }
    return count == Self.batch
  }
}
