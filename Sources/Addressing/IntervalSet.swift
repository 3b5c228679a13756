/// A set of numbers as sorted intervals that neither touch nor overlap: its size in memory is the number of
/// intervals, whatever they span.
struct IntervalSet<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
  private(set) var intervals: [ClosedRange<Number>]
  /// How many numbers lie before the interval of the same position.
  private var offsets: [UInt128]
  /// How many numbers the set holds; at most 2^128 - 1, so the whole of IPv6 counts one too few.
  private(set) var count: UInt128

  init(_ unsorted: [ClosedRange<Number>]) {
    var merged: [ClosedRange<Number>] = []
    for interval in unsorted.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, last.upperBound == .max || interval.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...Swift.max(last.upperBound, interval.upperBound)
      } else {
        merged.append(interval)
      }
    }
    self.init(disjoint: merged)
  }

  private init(disjoint: [ClosedRange<Number>]) {
    intervals = disjoint
    offsets = []
    offsets.reserveCapacity(disjoint.count)
    count = 0
    for interval in disjoint {
      offsets.append(count)
      let span = UInt128(interval.upperBound - interval.lowerBound).addingReportingOverflow(1)
      let total = count.addingReportingOverflow(span.partialValue)
      count = span.overflow || total.overflow ? .max : total.partialValue
    }
  }

  func contains(_ number: Number) -> Bool {
    let index = partition { $0.upperBound < number }
    return index < intervals.count && intervals[index].lowerBound <= number
  }

  /// The number at `offset` in ascending order; `offset` must be below `count`.
  subscript(offset: UInt128) -> Number {
    var low = 0
    var high = offsets.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if offsets[middle] <= offset { low = middle } else { high = middle }
    }
    return intervals[low].lowerBound + Number(offset - offsets[low])
  }

  /// How many numbers of the set are below `number`; nil where it is none of them.
  func offset(of number: Number) -> UInt128? {
    let index = partition { $0.upperBound < number }
    guard index < intervals.count, intervals[index].lowerBound <= number else { return nil }
    return offsets[index] + UInt128(number - intervals[index].lowerBound)
  }

  /// The numbers of this set that are not in `other`.
  func subtracting(_ other: IntervalSet) -> IntervalSet {
    var rest: [ClosedRange<Number>] = []
    for interval in intervals {
      var lower = interval.lowerBound
      var index = other.partition { $0.upperBound < lower }
      var isUsedUp = false
      while index < other.intervals.count, other.intervals[index].lowerBound <= interval.upperBound {
        let hole = other.intervals[index]
        if hole.lowerBound > lower { rest.append(lower...(hole.lowerBound - 1)) }
        guard hole.upperBound < interval.upperBound else {
          isUsedUp = true
          break
        }
        lower = hole.upperBound + 1
        index += 1
      }
      if !isUsedUp { rest.append(lower...interval.upperBound) }
    }
    return IntervalSet(disjoint: rest)
  }

  /// The first position whose interval is not `before` what is searched.
  private func partition(where before: (ClosedRange<Number>) -> Bool) -> Int {
    var low = 0
    var high = intervals.count
    while low < high {
      let middle = (low + high) / 2
      if before(intervals[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
