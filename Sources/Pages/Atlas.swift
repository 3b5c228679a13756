internal import Addressing

/// Which maps show a family of a job's addresses: those of the greatest length of which there are not too many, but
/// of each no more than what is scanned in it. So a /120 is not a dot on the map of its /64, because the job has a
/// whole /64 elsewhere.
struct Atlas {
  /// How many maps of a family are looked at side by side; a fleet of that many /24s still shows each address.
  static let mostMaps = 16

  let prefixes: [Prefix]

  /// The atlas of those of `spans`, in ascending order, that are of `family`, 32 or 128 bits.
  init(of spans: [AddressSpan], family: Int) {
    let spans = spans.filter { $0.first.bitWidth == family }
    let lengths = stride(from: AddressMap.finest(of: family), through: 0, by: -8)
    // There is but one map of length 0, so that one length always does.
    prefixes = lengths.lazy.compactMap { Self.prefixes(of: spans, family: family, length: $0) }.first ?? []
  }

  /// The prefixes of `length` that `spans` touch, or nil where they are too many.
  private static func prefixes(of spans: [AddressSpan], family: Int, length: Int) -> [Prefix]? {
    // At length 0 all bits are shifted out, and every address is in the prefix of number 0.
    let shift = UInt128(family - length)
    var bounds: [(first: UInt128, last: UInt128)] = []
    for span in spans {
      var number = span.first.bits >> shift
      let last = span.last.bits >> shift
      if let before = bounds.last, before.first >> shift == number {
        bounds[bounds.count - 1].last = min(span.last.bits, end(of: number, shift))
        number += 1
      }
      guard number <= last else { continue }
      guard last - number < UInt128(mostMaps - bounds.count) else { return nil }
      for number in number...last {
        bounds.append((max(span.first.bits, number << shift), min(span.last.bits, end(of: number, shift))))
      }
    }
    return bounds.map { Prefix(from: $0.first, to: $0.last, family: family) }
  }

  /// The last address of the prefix of that number.
  private static func end(of number: UInt128, _ shift: UInt128) -> UInt128 {
    number << shift | ~(UInt128.max << shift)
  }
}
