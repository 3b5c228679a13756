internal import Exposition
internal import Synchronization

/// What the web module counts of itself.
final class Statistics: Sendable {
  private let requests = Mutex<[Key: Int]>([:])
  private let refused = Atomic<Int>(0)
  private let evicted = Mutex<[Places<ObjectIdentifier>.Doing: Int]>([:])
  private let connections = Atomic<Int>(0)

  private struct Key: Hashable, Comparable {
    let handler: String
    let code: Int

    static func < (left: Key, right: Key) -> Bool { (left.handler, left.code) < (right.handler, right.code) }
  }

  /// `handler` is a route's word; nil for what is none.
  func count(_ handler: String?, _ code: Int) {
    requests.withLock { $0[Key(handler: handler ?? "other", code: code), default: 0] += 1 }
  }

  func countRefused() { refused.add(1, ordering: .relaxed) }

  /// `doing` is what a client was at that had to make room.
  func countEvicted(_ doing: Places<ObjectIdentifier>.Doing) { evicted.withLock { $0[doing, default: 0] += 1 } }

  func note(connections count: Int) { connections.store(count, ordering: .relaxed) }

  var families: [MetricFamily] {
    var total = MetricFamily(
      "subnet_sd_http_requests_total", .counter, "HTTP requests answered, by handler and status.")
    for (key, count) in requests.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      total.add(Double(count), [("handler", key.handler), ("code", "\(key.code)")])
    }
    var evictions = MetricFamily(
      "subnet_sd_http_connections_evicted_total", .counter,
      "Connections of HTTP clients that were closed to make room, by what they were at.")
    let counts = evicted.withLock { $0 }
    for (doing, word) in [(Places<ObjectIdentifier>.Doing.idle, "idle"), (.asking, "request"), (.taking, "answer")] {
      evictions.add(Double(counts[doing] ?? 0), [("state", word)])
    }
    return [
      total,
      MetricFamily(
        "subnet_sd_http_connections", .gauge, "Connections of HTTP clients now.",
        Double(connections.load(ordering: .relaxed))),
      MetricFamily(
        "subnet_sd_http_connections_refused_total", .counter,
        "Connections of HTTP clients that were refused as there were too many.",
        Double(refused.load(ordering: .relaxed))), evictions,
    ]
  }
}
