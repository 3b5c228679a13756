internal import Addressing

/// A prefix as 16 × 16 cells, of which each is the 256th part of it: a /24 shows addresses, a /16 shows /24s.
///
/// Prefixes of maps have lengths that are multiples of 8, and at most `finest`.
struct AddressMap {
  /// A cell: an address, or a block of them.
  struct Cell {
    /// How many of its addresses are scanned.
    fileprivate(set) var scanned: UInt128 = 0
    /// The first and the last that is.
    fileprivate var first = UInt128.max
    fileprivate var last: UInt128 = 0
    fileprivate(set) var counts = MarkCounts()
    /// Positions in the job's `targets` and `refused`, what matters most first; empty where the cell is a block.
    fileprivate(set) var targets: [Int] = []
    fileprivate(set) var refused: [Int] = []
  }

  let prefix: Prefix
  /// Its first and its last address.
  private let low: UInt128
  private let high: UInt128
  private(set) var cells = [Cell](repeating: Cell(), count: 256)

  /// The length of a map whose cells are addresses.
  static func finest(of family: Int) -> Int { family - 8 }

  var family: Int { prefix.address.bitWidth }
  var isFinest: Bool { prefix.length == Self.finest(of: family) }
  /// How many bits of an address are within one cell.
  private var shift: Int { family - prefix.length - 8 }

  private init(prefix: Prefix) {
    self.prefix = prefix
    (low, high) = (prefix.address.bits, prefix.last.bits)
  }

  /// The maps of `prefixes`, which do not overlap, with what `job` knows in them; `spans` are those of its addresses.
  ///
  /// Takes time for the spans, the targets and the cells, never for addresses.
  static func maps(of prefixes: [Prefix], in job: JobView, spans: [AddressSpan]) -> [AddressMap] {
    var maps = prefixes.map(AddressMap.init(prefix:))
    for span in spans {
      for place in maps.indices where maps[place].family == span.first.bitWidth { maps[place].scan(span) }
    }
    func place(of endpoint: Endpoint) -> Int? {
      let (family, bits) = (endpoint.address.bitWidth, endpoint.address.bits)
      return maps.firstIndex { $0.family == family && $0.low <= bits && bits <= $0.high }
    }
    for (position, target) in job.targets.enumerated() {
      guard let place = place(of: target.endpoint) else { continue }
      maps[place].add(target.mark, at: target.endpoint, \.targets, position)
    }
    for (position, refused) in job.refused.enumerated() {
      guard let place = place(of: refused.endpoint) else { continue }
      maps[place].add(.refused, at: refused.endpoint, \.refused, position)
    }
    for place in maps.indices where maps[place].isFinest { maps[place].sortMembers(of: job) }
    return maps
  }

  private mutating func scan(_ span: AddressSpan) {
    guard span.first.bits <= high, span.last.bits >= low else { return }
    let (first, last) = (max(span.first.bits, low), min(span.last.bits, high))
    for index in index(of: first)...index(of: last) {
      let start = low + UInt128(index) << UInt128(shift)
      let end = start + (UInt128(1) << UInt128(shift) - 1)
      let (from, to) = (max(first, start), min(last, end))
      cells[index].scanned += to - from + 1
      cells[index].first = min(cells[index].first, from)
      cells[index].last = max(cells[index].last, to)
    }
  }

  private mutating func add(
    _ mark: Mark, at endpoint: Endpoint, _ members: WritableKeyPath<Cell, [Int]>, _ position: Int
  ) {
    let index = index(of: endpoint.address.bits)
    cells[index].counts[mark] += 1
    if isFinest { cells[index][keyPath: members].append(position) }
  }

  private mutating func sortMembers(of job: JobView) {
    for index in cells.indices {
      cells[index].targets.sort { left, right in
        let (left, right) = (job.targets[left], job.targets[right])
        return (left.mark, left.endpoint) < (right.mark, right.endpoint)
      }
      cells[index].refused.sort { job.refused[$0].endpoint < job.refused[$1].endpoint }
    }
  }

  private func index(of bits: UInt128) -> Int { Int(bits >> UInt128(shift) & 255) }
}

// MARK: - Prefixes

extension AddressMap {
  /// What the cell at `index` is a cell of.
  func block(at index: Int) -> Prefix {
    let bits = prefix.address.bits + UInt128(index) << UInt128(shift)
    return Prefix(containing: Address(bits, family: family), length: prefix.length + 8)
  }

  /// The smallest map that shows all that is scanned in the cell at `index`, so that nobody has to walk through
  /// maps with but one cell in them.
  func nextMap(at index: Int) -> Prefix {
    let (block, cell) = (block(at: index), cells[index])
    guard cell.scanned > 0 else { return block }
    return Prefix(from: cell.first, to: cell.last, family: family)
  }

  var counts: MarkCounts {
    var sum = MarkCounts()
    for cell in cells {
      for mark in Mark.allCases { sum[mark] += cell.counts[mark] }
    }
    return sum
  }

  /// The rows from the first to the last in which there is something to see; there is at least one.
  var rows: ClosedRange<Int> {
    let rows = (0..<16).filter { row in
      cells[row * 16..<row * 16 + 16].contains { $0.scanned > 0 || $0.counts.worst != nil }
    }
    return (rows.first ?? 0)...(rows.last ?? 15)
  }

  var scannedCells: Int { cells.count { $0.scanned > 0 } }

  /// How many of its addresses are scanned; the whole of IPv6 counts one too few.
  var scanned: UInt128 {
    cells.reduce(0) { sum, cell in
      let (total, overflow) = sum.addingReportingOverflow(cell.scanned)
      return overflow ? .max : total
    }
  }
}

extension Prefix {
  /// The smallest map that holds both addresses.
  init(from first: UInt128, to last: UInt128, family: Int) {
    let common = (first ^ last).leadingZeroBitCount - (128 - family)
    self = Prefix(containing: Address(first, family: family), length: common).ofMap
  }

  /// The map that holds it.
  var ofMap: Prefix {
    let finest = AddressMap.finest(of: address.bitWidth)
    return Prefix(containing: address, length: min(length, finest) / 8 * 8)
  }

  func overlaps(_ span: AddressSpan) -> Bool {
    span.first.bitWidth == address.bitWidth && span.first <= last && span.last >= address
  }
}

extension Address {
  var bits: UInt128 {
    switch self {
    case .v4(let value): UInt128(value)
    case .v6(let value): value
    }
  }

  init(_ bits: UInt128, family: Int) {
    self = family == 32 ? .v4(UInt32(truncatingIfNeeded: bits)) : .v6(bits)
  }
}
