internal import Addressing
internal import CLinux

/// The segment that asks whether a port is open: a SYN with a maximum segment size, as some hosts answer no barer one
/// (RFC 9293 sections 3.1 and 3.7.1).
struct SynSegment {
  let destination: Endpoint
  /// The address that the kernel sends it from; only IPv4 needs it, where the checksum is ours to write.
  var source: Address?
  let sourcePort: UInt16
  let sequence: UInt32

  private static let length = Int(RAW_SEGMENT_RECORD) - 16
  private static let maxSegmentSize: UInt16 = 1_460

  /// Adds the segment behind its address, as `raw_tcp_send` takes it.
  func append(to records: inout [UInt8]) {
    let start = records.count
    switch destination.address {
    case .v4(let value):
      records.append(value)
      if case .v4(let source) = source { records.append(source) } else { records.append(0 as UInt32) }
      records.append(0 as UInt64)
    case .v6(let value):
      records.append(UInt64(value >> 64))
      records.append(UInt64(truncatingIfNeeded: value))
    }
    records.append(sourcePort)
    records.append(destination.port)
    records.append(sequence)
    records.append(0 as UInt32)
    // Six words of header; SYN.
    records.append(0x6002 as UInt16)
    records.append(UInt16.max)
    // The checksum, and no urgent data.
    records.append(0 as UInt32)
    records.append(0x0204 as UInt16)
    records.append(Self.maxSegmentSize)
    guard case .v4(let to) = destination.address, case .v4(let from) = source else { return }
    let checksum = Self.checksum(of: records[(start + 16)...], from: from, to: to)
    records[start + 32] = UInt8(checksum >> 8)
    records[start + 33] = UInt8(checksum & 0xFF)
  }

  /// The one's complement of the sum over the segment and what stands for its IPv4 header (RFC 9293 section 3.1).
  static func checksum(of segment: ArraySlice<UInt8>, from: UInt32, to: UInt32) -> UInt16 {
    // Protocol 6 is TCP.
    var sum = from >> 16 + from & 0xFFFF + to >> 16 + to & 0xFFFF + 6 + UInt32(segment.count)
    var index = segment.startIndex
    while index + 1 < segment.endIndex {
      sum += UInt32(segment[index]) << 8 | UInt32(segment[index + 1])
      index += 2
    }
    while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
    return ~UInt16(sum)
  }
}

/// What somebody answered to a SYN; nothing of it is true before its number is verified.
struct SynAnswer: Equatable {
  let source: Endpoint
  /// One more than the sequence number that it answers.
  let acknowledged: UInt32
  /// SYN and ACK, not a reset.
  let isOpen: Bool
}

extension SynAnswer {
  /// Reads what `raw_tcp_receive` has taken; nil where it is no whole answer to `port`.
  init?(record: ArraySlice<UInt8>, isIPv6: Bool, port: UInt16) {
    let start = record.startIndex
    let first = start + 17
    guard record.count >= 17 else { return nil }
    let packet = record[first...].prefix(Int(record[start + 16]))
    // IPv4 comes with its header, whose length is in words; the filter has seen to its being TCP.
    let header = isIPv6 ? 0 : Int((packet.first ?? 0) & 0x0F) * 4
    let segment = packet.dropFirst(header)
    guard isIPv6 || header >= 20, segment.count >= 20, segment.number(at: 2, as: UInt16.self) == port else {
      return nil
    }
    let flags = segment[segment.startIndex + 13]
    guard flags & Self.acknowledges != 0 else { return nil }
    switch flags & (Self.synchronises | Self.resets) {
    case Self.synchronises: isOpen = true
    case Self.resets: isOpen = false
    default: return nil
    }
    let address: Address =
      isIPv6
      ? .v6(UInt128(record.number(at: 0, as: UInt64.self)) << 64 | UInt128(record.number(at: 8, as: UInt64.self)))
      : .v4(record.number(at: 0, as: UInt32.self))
    source = Endpoint(address: address, port: segment.number(at: 0, as: UInt16.self))
    acknowledged = segment.number(at: 8, as: UInt32.self)
  }

  private static let acknowledges: UInt8 = 0x10
  private static let resets: UInt8 = 0x04
  private static let synchronises: UInt8 = 0x02
}

extension [UInt8] {
  /// Adds a number in the network's byte order.
  fileprivate mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
    var shift = number.bitWidth
    while shift > 0 {
      shift -= 8
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}

extension ArraySlice<UInt8> {
  /// The number that begins `offset` bytes in, in the network's byte order; it must be there.
  fileprivate func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
    self[(startIndex + offset)..<(startIndex + offset + Number.bitWidth / 8)].reduce(0) { $0 << 8 | Number($1) }
  }
}
