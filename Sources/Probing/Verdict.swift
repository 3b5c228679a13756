package import Exporters
internal import Glibc

/// What a probe says of an endpoint; each case carries its reason.
package enum Verdict: Hashable, Sendable {
  /// Proven to be an exporter that is looked for.
  case exporter(Identity)
  /// Alive, but with no time to prove what it is.
  case busy(status: Int)
  /// Answered, and is not what was asked for.
  case other(Mismatch)
  /// Did not complete an HTTP exchange.
  case unfinished(Breakdown)
  /// Not asked, because it may print what it is sent.
  case printer(Suspicion)
}

/// Why an answer does not come from an exporter that is looked for.
package enum Mismatch: Hashable, Sendable {
  /// One of the catalogue that the job does not look for.
  case otherExporter(Identity)
  /// An exposition that proves nothing in the catalogue.
  case unknown
  case unauthorized(CredentialUse)
  /// It answers the beginning of a TLS handshake in HTTP; why that is no target, nil where it could be one.
  case plainHTTP(Insistence?)
  case redirect(status: Int)
  case status(Int)
  case speaksTLS
  /// Its certificate is not one that Prometheus would accept; why, as a phrase.
  case untrusted(String)
  /// It ended the TLS handshake; why, as a phrase.
  case handshakeRefused(String)
  /// A 200 whose content type is no exposition's.
  case notAnExposition(contentType: String?)
  /// A 200 that is called an exposition and has no samples, or other lines before them.
  case noSamples
  /// It began as one, proved nothing, and came to no end.
  case brokenOff(Breakdown)
  /// A body that was compressed although no encoding was accepted.
  case encoded(String)
}

/// What became of a job's credentials in a request.
package enum CredentialUse: Hashable, Sendable {
  case none
  case sent
}

/// Why an exchange came to no end.
package enum Breakdown: Hashable, Sendable {
  case timedOut
  /// The request was not acknowledged in time: packets are lost, and nobody has read a byte of it.
  case unheard
  /// This machine was too busy to hear an answer in time.
  case overloaded
  /// Closed, or reset, without a byte.
  case closed
  case reset
  /// Closed, or reset, within its answer.
  case cutShort
  case notHTTP
  case notTLS
  case headTooLarge
  case endless
  /// It sent more before the TLS handshake was complete than is read of one.
  case handshakeTooLarge
  /// It came in more pieces than are read.
  case tooManyPieces
  /// It took more processor time than is spent on it.
  case tooCostly
  case failed(errno: Int32)

  /// Whether what came was more than is read: what stands behind it is not known.
  package var isBound: Bool {
    switch self {
    case .headTooLarge, .endless, .handshakeTooLarge, .tooManyPieces, .tooCostly: true
    case .timedOut, .unheard, .overloaded, .closed, .reset, .cutShort, .notHTTP, .notTLS, .failed: false
    }
  }
}

extension Verdict {
  /// Whether an HTTP answer came.
  var isAnswer: Bool {
    switch self {
    case .unfinished(.headTooLarge), .busy, .exporter, .other: true
    case .unfinished, .printer: false
    }
  }

  /// How the exchange broke off, if it did.
  package var breakdown: Breakdown? {
    switch self {
    case .unfinished(let breakdown), .other(.brokenOff(let breakdown)): breakdown
    case .exporter, .busy, .other, .printer: nil
    }
  }

  /// Whether the endpoint accepted a connection, heard a request, and spoke no HTTP.
  package var isMute: Bool {
    switch self {
    case .unfinished(.failed), .unfinished(.unheard), .unfinished(.overloaded), .busy, .exporter, .other, .printer:
      false
    case .unfinished(let breakdown): !breakdown.isBound || breakdown == .endless
    }
  }

  /// All kinds of those that are no targets.
  package static let otherKinds = [
    "busy", "mute", "no_answer", "no_exposition", "other_exporter", "plain_http", "printer", "tls", "unauthorized",
    "unknown",
  ]

  /// A word for its kind, to count by: `exporter`, or one of `otherKinds`.
  package var kind: String {
    switch self {
    case .exporter: "exporter"
    case .busy: "busy"
    case .other(.otherExporter): "other_exporter"
    case .other(.unknown): "unknown"
    case .other(.unauthorized): "unauthorized"
    case .other(.plainHTTP): "plain_http"
    case .other(.speaksTLS), .other(.untrusted), .other(.handshakeRefused): "tls"
    case .other: "no_exposition"
    case .unfinished: isMute ? "mute" : "no_answer"
    case .printer: "printer"
    }
  }
}

extension Verdict: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exporter(let identity): identity.description
    case .busy(let status): "busy (HTTP status \(status))"
    case .other(let mismatch): mismatch.description
    case .unfinished(let breakdown): breakdown.description
    case .printer(let suspicion): suspicion.description
    }
  }
}

extension Mismatch: CustomStringConvertible {
  package var description: String {
    switch self {
    case .otherExporter(let identity): "is \(identity), which the job does not look for"
    case .unknown: "answers with an exposition of something unknown"
    case .unauthorized(.none): "wants credentials (HTTP status 401)"
    case .unauthorized(.sent): "does not accept the job's credentials (HTTP status 401)"
    case .plainHTTP(nil): "speaks plain HTTP"
    case .plainHTTP(let insistence?): "speaks plain HTTP, \(insistence.phrase)"
    case .redirect(let status): "redirects elsewhere (HTTP status \(status))"
    case .status(let status): "answers with HTTP status \(status)"
    case .speaksTLS: "speaks TLS"
    case .untrusted(let why): "has a certificate that is not accepted: \(why)"
    case .handshakeRefused(let why): "refuses the TLS handshake: \(why)"
    case .notAnExposition(let type?): "answers with '\(type)', not with an exposition"
    case .notAnExposition(nil): "answers without a content type, not with an exposition"
    case .noSamples: "answers with a text that is no exposition"
    case .brokenOff(.timedOut): "began to answer, but did not come to an end in time"
    case .brokenOff(let breakdown): "began to answer, then: \(breakdown)"
    case .encoded(let encoding): "answers with an encoding nobody asked for, '\(encoding)'"
    }
  }
}

extension Breakdown: CustomStringConvertible {
  package var description: String {
    switch self {
    case .overloaded: "accepted the connection, but this machine was too busy to hear an answer in time"
    case .unheard: "accepted the connection, but nothing that was sent on it arrived in time"
    case .timedOut: "accepted the connection, but no whole answer came in time"
    case .closed: "accepted the connection and closed it without an answer"
    case .reset: "accepted the connection and reset it"
    case .cutShort: "closed the connection within its answer"
    case .notHTTP: "does not speak HTTP"
    case .notTLS: "does not speak TLS"
    case .headTooLarge: "answers with a head of more than \(Exchange.maxHeadLength) bytes"
    case .endless: "sends bytes without an end"
    case .handshakeTooLarge:
      "sends more than \(HandshakeRoom.maxLength) bytes, or \(HandshakeRoom.usualLength) while others wait, before the TLS"
        + " handshake is complete; no more is read"
    case .tooManyPieces:
      "answers in more pieces than are read (\(Effort.maxPieces), or \(Effort.maxPieces / Effort.thrift) while others wait)"
    case .tooCostly:
      "takes more processor time than is spent on it (\(Effort.maxTime.wholeMilliseconds) ms, or"
        + " \((Effort.maxTime / Effort.thrift).wholeMilliseconds) ms while others wait)"
    case .failed(let errno): unsafe "connection failed (\(String(cString: strerror(errno))))"
    }
  }
}

extension Duration {
  fileprivate var wholeMilliseconds: Int { Int(self / .milliseconds(1)) }
}
