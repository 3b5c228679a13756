/// Deadlines of what was all given the same time-out: they fall due in the order they came, so a ring is enough and
/// neither adding nor expiring costs more when more is in flight.
struct DeadlineQueue<Element> {
  private var ring: [(deadline: UInt64, element: Element)?] = Array(repeating: nil, count: 64)
  private var head = 0
  private(set) var count = 0

  /// Adds an element; `deadline` must not be before the last one added.
  mutating func append(_ element: Element, deadline: UInt64) {
    if count == ring.count { grow() }
    ring[(head + count) & (ring.count - 1)] = (deadline, element)
    count += 1
  }

  /// The earliest deadline.
  var earliest: UInt64? { count == 0 ? nil : ring[head]?.deadline }

  /// Removes and returns the first element if its deadline has come.
  mutating func popDue(at now: UInt64) -> Element? {
    guard count > 0, let first = ring[head], first.deadline <= now else { return nil }
    ring[head] = nil
    head = (head + 1) & (ring.count - 1)
    count -= 1
    return first.element
  }

  /// The size stays a power of two, so that positions wrap by a mask.
  private mutating func grow() {
    ring = Array(ring[head...] + ring[..<head]) + Array(repeating: nil, count: ring.count)
    head = 0
  }
}
