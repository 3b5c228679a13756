/// A seeded shuffle of `0..<count` that is computed, not stored: every index has its number, and no two share one.
///
/// A generalised Feistel network over `width * height >= count` points (Black and Rogaway, "Ciphers with
/// Arbitrary Finite Domains", 2002); the few points beyond `count` are walked past. It spreads the order of a
/// scan over all prefixes; it is not a cipher to keep secrets with.
package struct Permutation: Sendable {
  package let count: UInt64
  private let width: UInt64
  private let height: UInt64
  /// One key a round; four rounds leave no visible order.
  private let keys: (UInt64, UInt64, UInt64, UInt64)

  /// `count` is at most 2^62, far beyond what can be scanned.
  package init(count: UInt64, seed: UInt64) {
    precondition(count <= 1 << 62, "no scan is that long")
    self.count = count
    width = max(1, UInt64(Double(count).squareRoot().rounded(.up)))
    height = max(1, (count + width - 1) / width)
    keys = (
      Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15), Self.mix(seed &+ 0x3C6E_F372_FE94_F82A),
      Self.mix(seed &+ 0xDAA6_6D2C_7DDF_743F), Self.mix(seed &+ 0x78DD_E6E5_FD29_F054)
    )
  }

  /// The number at `index` of the shuffled order; `index` must be below `count`.
  package subscript(index: UInt64) -> UInt64 {
    var point = index
    repeat { point = shuffle(point) } while point >= count
    return point
  }

  private func shuffle(_ point: UInt64) -> UInt64 {
    var (column, row) = (point % width, point / width)
    column = (column + Self.mix(row ^ keys.0) % width) % width
    row = (row + Self.mix(column ^ keys.1) % height) % height
    column = (column + Self.mix(row ^ keys.2) % width) % width
    row = (row + Self.mix(column ^ keys.3) % height) % height
    return row * width + column
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): each bit of the input changes half of the output.
  private static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
