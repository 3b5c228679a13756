internal import Addressing
internal import Documents

/// A valid range of a job with the addresses it stands for.
struct WrittenRange {
  var written: Written
  var spans: [AddressSpan]
}

extension Reader {
  mutating func ranges(_ node: Node) -> [WrittenRange]? {
    let items = items(of: node, key: JobKey.ranges.rawValue)
    return items.map { ranges($0.compactMap { text($0, .item(of: JobKey.ranges.rawValue)) }) }
  }

  mutating func ranges(_ written: [Written]) -> [WrittenRange] {
    written.compactMap { written in
      spans(of: written, \.hosts).map { WrittenRange(written: written, spans: $0) }
    }
  }

  /// Whole prefixes, also their network and broadcast addresses; there may be none.
  mutating func spans(_ node: Node, _ key: CommonKey) -> [AddressSpan] {
    let items = items(of: node, key: key.rawValue, mayBeEmpty: true) ?? []
    return items.flatMap { item in
      text(item, .item(of: key.rawValue)).flatMap { spans(of: $0, \.all) } ?? []
    }
  }

  private mutating func spans(
    of written: Written, _ addresses: (AddressRange) -> [AddressSpan]
  ) -> [AddressSpan]? {
    let range: AddressRange
    do throws(AddressRange.Invalid) {
      // What is cut or escaped here was no range before; so the sentence can be shown.
      range = try AddressRange(written.text.excerpt)
    } catch {
      report(.addresses(.range(error)), at: written.place)
      return nil
    }
    guard pieces <= AddressProblem.maxPieces else { return nil }
    let spans = addresses(range)
    return count(pieces: spans.count, at: written.place) ? spans : nil
  }

  /// Keeps account of what lists of ranges cost, and says once that it is too much.
  mutating func count(pieces more: Int, at place: Place) -> Bool {
    let limit = AddressProblem.maxPieces
    guard pieces <= limit else { return false }
    pieces += more
    if pieces > limit { report(.addresses(.tooManyPieces), at: place) }
    return pieces <= limit
  }
}
