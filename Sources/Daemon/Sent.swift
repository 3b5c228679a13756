/// How much was sent to endpoints, in numbers.
package struct Sent: Hashable, Sendable {
  /// Attempts to connect, tries again and those at the ports of printers among them.
  package var connections: UInt64
  package var syns: UInt64
  /// Requests over HTTP.
  package var requests: UInt64

  /// What was sent between two moments.
  package static func - (later: Sent, earlier: Sent) -> Sent {
    Sent(
      connections: later.connections - earlier.connections, syns: later.syns - earlier.syns,
      requests: later.requests - earlier.requests)
  }

  /// As a person reads it; SYNs only where there were some.
  package var sentence: String {
    let counts = [syns > 0 ? (syns, "SYN") : nil, (connections, "connection attempt"), (requests, "request")]
    return "sent " + counts.compactMap(\.self).map { Int(clamping: $0).of($1) }.joined(separator: ", ")
  }
}
