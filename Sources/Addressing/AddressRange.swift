/// What a user writes to name addresses: one address, a CIDR block, `a-b`, or octet ranges.
package struct AddressRange: Hashable, Sendable {
  package enum Form: Hashable, Sendable {
    case span(AddressSpan)
    case prefix(Prefix)
    /// Four ranges of octets, each independent of the others: `10.0.1-9.1-99`.
    case octets([ClosedRange<UInt8>])
  }

  package let form: Form

  /// How many pieces octet ranges may fall apart into; more is refused, so that a short text cannot ask for
  /// gigabytes (each piece costs about 50 bytes).
  package static let maxPieces = 65_536

  /// The addresses of the range, as a job scans it: without the network and broadcast address of an IPv4
  /// block, which are not hosts, but for /31 (RFC 3021) and /32.
  package var hosts: [AddressSpan] {
    guard case .prefix(let prefix) = form, case .v4(let first) = prefix.address, prefix.length < 31,
      case .v4(let last) = prefix.last
    else { return all }
    return [AddressSpan(first: .v4(first + 1), last: .v4(last - 1))]
  }

  /// Every address of the range, as an exclude means it.
  package var all: [AddressSpan] {
    switch form {
    case .span(let span): [span]
    case .prefix(let prefix): [AddressSpan(prefix)]
    case .octets(let octets): Self.spans(of: octets)
    }
  }

  /// Octets after the last one that is not `0-255` make one run; all before are enumerated.
  private static func spans(of octets: [ClosedRange<UInt8>]) -> [AddressSpan] {
    let runStart = octets.lastIndex { $0 != 0...255 } ?? 0
    var heads: [UInt32] = [0]
    for octet in octets[..<runStart] {
      heads = heads.flatMap { head in octet.map { head << 8 | UInt32($0) } }
    }
    let tail = octets[runStart...]
    return heads.map { head in
      let first = tail.reduce(head) { $0 << 8 | UInt32($1.lowerBound) }
      let last = tail.reduce(head) { $0 << 8 | UInt32($1.upperBound) }
      return AddressSpan(first: .v4(first), last: .v4(last))
    }
  }

  private static func pieces(of octets: [ClosedRange<UInt8>]) -> Int {
    let runStart = octets.lastIndex { $0 != 0...255 } ?? 0
    return octets[..<runStart].reduce(1) { $0 * $1.count }
  }
}

// MARK: - Parsing

extension AddressRange {
  /// Why a text names no addresses; `description` is the sentence to show, without the place it stands at.
  package enum Invalid: Error, Hashable, Sendable {
    case notAnAddress(String)
    case badPrefixLength(String, bits: Int)
    case hostBits(String, block: Prefix, single: Address)
    case reversed(String, swapped: String)
    case mixedFamilies(String)
    case badOctet(String, octet: String)
    case zone(String)
    case tooManyPieces(String, count: Int)
  }

  /// Parses `172.16.4.7`, `fd00::7`, `10.8.0.0/22`, `10.9.0.10-10.9.0.40` or `10.0.1-9.1-99`.
  package init(_ text: String) throws(Invalid) {
    if text.contains("%") { throw .zone(text) }
    if text.contains("/") {
      form = .prefix(try Self.parsePrefix(text))
    } else if let address = Address(text) {
      form = .span(AddressSpan(first: address, last: address))
    } else if let ends = Self.splitEnds(text) {
      form = .span(try Self.parseSpan(text, ends))
    } else {
      form = .octets(try Self.parseOctets(text))
    }
  }

  private static func parsePrefix(_ text: String) throws(Invalid) -> Prefix {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = Address(parts[0]) else { throw .notAnAddress(text) }
    guard let length = Int(parts[1]), (0...address.bitWidth).contains(length), String(length) == parts[1]
    else {
      throw .badPrefixLength(text, bits: address.bitWidth)
    }
    let block = Prefix(containing: address, length: length)
    guard block.address == address else { throw .hostBits(text, block: block, single: address) }
    return block
  }

  /// The two sides of `a-b` where each looks like a whole address, of which octet ranges have none.
  private static func splitEnds(_ text: String) -> (Substring, Substring)? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, ends.contains(where: { Address($0) != nil }) else { return nil }
    // '10.0.0.1-99', '9-10.0.0.1': a whole address and one octet more is an octet range.
    guard ends.allSatisfy({ $0.contains(".") || $0.contains(":") }) else { return nil }
    return (ends[0], ends[1])
  }

  private static func parseSpan(_ text: String, _ ends: (Substring, Substring)) throws(Invalid) -> AddressSpan {
    guard let first = Address(ends.0) else { throw .notAnAddress(String(ends.0)) }
    guard let last = Address(ends.1) else { throw .notAnAddress(String(ends.1)) }
    guard first.bitWidth == last.bitWidth else { throw .mixedFamilies(text) }
    guard first <= last else { throw .reversed(text, swapped: "\(last)-\(first)") }
    return AddressSpan(first: first, last: last)
  }

  private static func parseOctets(_ text: String) throws(Invalid) -> [ClosedRange<UInt8>] {
    let allowed = text.utf8.allSatisfy { "0123456789.-".utf8.contains($0) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard allowed, parts.count == 4 else { throw .notAnAddress(text) }
    var octets: [ClosedRange<UInt8>] = []
    for (index, part) in parts.enumerated() {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2, let low = Address.parseOctet(ends[0]),
        let high = Address.parseOctet(ends[ends.count - 1])
      else { throw .badOctet(text, octet: String(part)) }
      guard low <= high else {
        var swapped = parts.map(String.init)
        swapped[index] = "\(high)-\(low)"
        throw .reversed(text, swapped: swapped.joined(separator: "."))
      }
      octets.append(low...high)
    }
    let pieces = pieces(of: octets)
    guard pieces <= maxPieces else { throw .tooManyPieces(text, count: pieces) }
    return octets
  }
}

extension AddressRange.Invalid: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAnAddress(let text):
      "'\(text)' is not an address, a prefix, 'a-b' or octet ranges; names are not looked up"
    case .badPrefixLength(let text, let bits):
      "'\(text)' has no prefix length of 0 to \(bits)"
    case .hostBits(let text, let block, let single):
      "'\(text)' has host bits set; write '\(block)' or '\(single)/\(single.bitWidth)'"
    case .reversed(let text, let swapped):
      "'\(text)' ends before it begins; write '\(swapped)'"
    case .mixedFamilies(let text):
      "'\(text)' begins in one address family and ends in the other"
    case .badOctet(let text, let octet):
      "'\(octet)' in '\(text)' is not an octet of 0 to 255 or a range of them, without leading zeros"
    case .zone(let text):
      "'\(text)' has a zone, which a target cannot carry; write addresses that are valid on every interface"
    case .tooManyPieces(let text, let count):
      "'\(text)' falls apart into \(count) runs of addresses, more than \(AddressRange.maxPieces); write prefixes"
    }
  }
}
