internal import Glibc

/// What a probe says of an endpoint; each case carries its reason.
package enum Verdict: Hashable, Sendable {
  /// Proven to be an exporter.
  case exporter(Identity)
  /// Alive, but with no time to prove what it is.
  case busy(status: Int)
  /// Answered, and is not what was asked for.
  case other(Mismatch)
  /// Did not complete an HTTP exchange.
  case unfinished(Breakdown)
}

/// What an exporter says of itself.
package struct Identity: Hashable, Sendable {
  package let exporter: String
  package var version: String?
  package var nodename: String?
  /// When its process began, in seconds since 1970.
  package var startTime: Double?
}

/// Why an answer does not come from the exporter that was looked for.
package enum Mismatch: Hashable, Sendable {
  case unauthorized
  case redirect(status: Int)
  case status(Int)
  case speaksTLS
  /// A 200 whose content type is no exposition's.
  case notAnExposition(contentType: String?)
  /// A body that was compressed although no encoding was accepted.
  case encoded(String)
  /// An exposition without the metric family that proves the exporter.
  case noProof(of: String)
}

/// Why an exchange came to no end.
package enum Breakdown: Hashable, Sendable {
  case timedOut
  case closed
  case reset
  case notHTTP
  case headTooLarge
  case endless
  case failed(errno: Int32)
}

extension Verdict: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exporter(let identity):
      [identity.exporter, identity.version, identity.nodename].compactMap(\.self).joined(separator: " ")
    case .busy(let status): "busy (HTTP status \(status))"
    case .other(let mismatch): mismatch.description
    case .unfinished(let breakdown): breakdown.description
    }
  }
}

extension Mismatch: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unauthorized: "wants credentials (HTTP status 401)"
    case .redirect(let status): "redirects elsewhere (HTTP status \(status))"
    case .status(let status): "answers with HTTP status \(status)"
    case .speaksTLS: "speaks TLS"
    case .notAnExposition(let type?): "answers with '\(type)', not with an exposition"
    case .notAnExposition(nil): "answers without a content type, not with an exposition"
    case .encoded(let encoding): "answers with an encoding nobody asked for, '\(encoding)'"
    case .noProof(let exporter): "answers with an exposition, but not \(exporter)'s"
    }
  }
}

extension Breakdown: CustomStringConvertible {
  package var description: String {
    switch self {
    case .timedOut: "accepted the connection, but no whole answer came in time"
    case .closed: "accepted the connection and closed it without an answer"
    case .reset: "accepted the connection and reset it"
    case .notHTTP: "does not speak HTTP"
    case .headTooLarge: "answers with a head of more than \(Exchange.maxHeadLength) bytes"
    case .endless: "sends bytes without an end"
    case .failed(let errno): unsafe "connection failed (\(String(cString: strerror(errno))))"
    }
  }
}
