/// A CIDR block: an address whose bits after `length` are zero.
package struct Prefix: Hashable, Comparable, Sendable {
  // The address in pieces, for the reason that stands in `Endpoint`.
  private let high: UInt64
  private let low: UInt64
  private let isIPv6: Bool
  package let length: Int

  package var address: Address {
    isIPv6 ? .v6(UInt128(high) << 64 | UInt128(low)) : .v4(UInt32(truncatingIfNeeded: low))
  }

  /// The block of `length` leading bits that contains `address`; `length` is clamped to the family's width.
  package init(containing address: Address, length: Int) {
    self.length = min(max(length, 0), address.bitWidth)
    switch address {
    case .v4(let value):
      (high, low, isIPv6) = (0, UInt64(value & ~Self.hostMask(length: self.length)), false)
    case .v6(let value):
      let first = value & ~Self.hostMask(length: self.length)
      (high, low, isIPv6) = (UInt64(first >> 64), UInt64(truncatingIfNeeded: first), true)
    }
  }

  /// The last address of the block.
  package var last: Address {
    switch address {
    case .v4(let value): .v4(value | Self.hostMask(length: length))
    case .v6(let value): .v6(value | Self.hostMask(length: length))
    }
  }

  /// Whether an address, of whichever family, is in the block.
  package func contains(_ other: Address) -> Bool {
    other.bitWidth == address.bitWidth && (address...last).contains(other)
  }

  package static func < (left: Prefix, right: Prefix) -> Bool {
    (left.address, left.length) < (right.address, right.length)
  }

  /// Ones in every bit after the first `length`; a full-width shift yields zero in Swift.
  private static func hostMask<Bits: FixedWidthInteger>(length: Int) -> Bits {
    ~Bits.zero >> Bits(length)
  }
}

extension Prefix: CustomStringConvertible {
  package var description: String { "\(address)/\(length)" }
}
