package import Addressing

/// A range that cannot be scanned, or ranges that cannot together.
package enum AddressProblem: Hashable, Sendable {
  case range(AddressRange.Invalid)
  case unscannable(String, piece: AddressSpan)
  case publicAddress(String, first: Address)
  case nothingLeft
  case tooMany(UInt128, limit: Int)
  case tooManyPieces

  /// How many runs of addresses the lists of all jobs may fall apart into: some 10 MiB.
  static let maxPieces = 4 * AddressRange.maxPieces
}

extension AddressProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .range(let invalid):
      invalid.description
    case .unscannable(let text, let piece):
      "'\(text)' holds \(piece); unspecified, multicast, reserved, IPv4-mapped and IPv6 "
        + "link-local addresses cannot be scanned"
    case .publicAddress(let text, let first):
      "'\(text)' holds \(first), a public address; write 'allow_public: true' if you may scan it"
    case .nothingLeft:
      "'exclude' leaves no address of 'ranges'"
    case .tooMany(let count, let limit):
      "\(count) addresses are more than the max_addresses of \(limit); raise it in 'global' or write fewer"
    case .tooManyPieces:
      "ranges, excludes and not_printers fall apart into more than \(Self.maxPieces) runs of addresses; write prefixes"
    }
  }
}
