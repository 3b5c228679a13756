/// A CIDR block: an address whose bits after `length` are zero.
package struct Prefix: Hashable, Comparable, Sendable {
  package let address: Address
  package let length: Int

  /// The block of `length` leading bits that contains `address`; `length` is clamped to the family's width.
  package init(containing address: Address, length: Int) {
    self.length = min(max(length, 0), address.bitWidth)
    switch address {
    case .v4(let value):
      self.address = .v4(value & ~Self.hostMask(length: self.length))
    case .v6(let value):
      self.address = .v6(value & ~Self.hostMask(length: self.length))
    }
  }

  /// The last address of the block.
  package var last: Address {
    switch address {
    case .v4(let value): .v4(value | Self.hostMask(length: length))
    case .v6(let value): .v6(value | Self.hostMask(length: length))
    }
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
