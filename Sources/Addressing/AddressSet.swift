/// A set of addresses whose size in memory is the number of its gaps: a /8 costs as much as one address.
package struct AddressSet: Hashable, Sendable {
  private var v4: IntervalSet<UInt32>
  private var v6: IntervalSet<UInt128>

  /// The union of `spans`, each from its first to its last address, both of one family.
  package init(_ spans: [AddressSpan] = []) {
    var v4: [ClosedRange<UInt32>] = []
    var v6: [ClosedRange<UInt128>] = []
    for span in spans {
      switch (span.first, span.last) {
      case (.v4(let first), .v4(let last)): v4.append(first...last)
      case (.v6(let first), .v6(let last)): v6.append(first...last)
      default: preconditionFailure("a span has one family")
      }
    }
    self.init(v4: IntervalSet(v4), v6: IntervalSet(v6))
  }

  private init(v4: IntervalSet<UInt32>, v6: IntervalSet<UInt128>) {
    self.v4 = v4
    self.v6 = v6
  }

  /// How many addresses the set holds; stays at the largest number where it would overflow.
  package var count: UInt128 {
    let (sum, overflow) = v4.count.addingReportingOverflow(v6.count)
    return overflow ? .max : sum
  }

  package var isEmpty: Bool { count == 0 }

  package func contains(_ address: Address) -> Bool {
    switch address {
    case .v4(let value): v4.contains(value)
    case .v6(let value): v6.contains(value)
    }
  }

  /// The address at `offset` in ascending order; `offset` must be below `count`.
  package subscript(offset: UInt128) -> Address {
    offset < v4.count ? .v4(v4[offset]) : .v6(v6[offset - v4.count])
  }

  /// Where the address stands in ascending order; nil where the set does not hold it.
  package func offset(of address: Address) -> UInt128? {
    switch address {
    case .v4(let value): v4.offset(of: value)
    case .v6(let value): v6.offset(of: value).map { $0 + v4.count }
    }
  }

  package func intersection(_ other: AddressSet) -> AddressSet { subtracting(subtracting(other)) }

  package func subtracting(_ other: AddressSet) -> AddressSet {
    AddressSet(v4: v4.subtracting(other.v4), v6: v6.subtracting(other.v6))
  }

  /// The set's maximal runs of consecutive addresses, in ascending order.
  package var spans: [AddressSpan] {
    v4.intervals.map { AddressSpan(first: .v4($0.lowerBound), last: .v4($0.upperBound)) }
      + v6.intervals.map { AddressSpan(first: .v6($0.lowerBound), last: .v6($0.upperBound)) }
  }
}

/// All addresses from `first` to `last`, which are of one family and in order.
package struct AddressSpan: Hashable, Sendable {
  package let first: Address
  package let last: Address

  package init(first: Address, last: Address) {
    precondition(first <= last && first.bitWidth == last.bitWidth, "a span has one family and an order")
    self.first = first
    self.last = last
  }

  package init(_ prefix: Prefix) {
    self.init(first: prefix.address, last: prefix.last)
  }
}

extension AddressSpan: CustomStringConvertible {
  package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}
