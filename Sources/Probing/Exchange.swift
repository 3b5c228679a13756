package import Exporters
internal import Exposition

/// What one HTTP exchange with an endpoint proves, seen as bytes that come in; and when enough has come.
///
/// Pure, so that every bound can be tried without a network. Holds at most one line of the exposition, or the
/// beginning of an error page.
package struct Exchange: Sendable {
  /// More is no head of an exporter's.
  package static let maxHeadLength = 16_384
  /// What is read of a body; what stands behind it is not looked at.
  package static let maxBodyLength = 262_144

  private enum State {
    case awaitingHead
    case readingExposition(LineSplitter)
    case readingPage(status: Int, ErrorPage)
  }

  private let search: Search
  private var state = State.awaitingHead
  private var bodyLength = 0
  private var recognition: Recognition
  private let credentials: CredentialUse

  package init(_ search: Search, credentials: CredentialUse = .none) {
    self.search = search
    self.credentials = credentials
    recognition = Recognition(search)
  }

  /// The metric family that first proved something.
  package var firstProof: String? { recognition.firstProof }

  /// Takes the status and the two header fields that matter; a verdict ends the exchange.
  package mutating func receiveHead(status: Int, contentType: String?, contentEncoding: String?) -> Verdict? {
    switch status {
    case 200:
      if let contentEncoding, !["", "identity"].contains(contentEncoding.lowercased()) {
        return .other(.encoded(contentEncoding.asExcerpt))
      }
      guard let contentType, MediaType.isExposition(contentType) else {
        return .other(.notAnExposition(contentType: contentType.map(\.asExcerpt)))
      }
      state = .readingExposition(LineSplitter())
      return nil
    case 400, 503:
      state = .readingPage(status: status, ErrorPage())
      return nil
    case 401: return .other(.unauthorized(credentials))
    case 429: return .busy(status: status)
    case 300..<400: return .other(.redirect(status: status))
    default: return .other(.status(status))
    }
  }

  /// Takes a piece of the body; a verdict ends the exchange.
  package mutating func receiveBody(_ bytes: some Collection<UInt8>) -> Verdict? {
    let wanted = ArraySlice(bytes.prefix(Self.maxBodyLength - bodyLength))
    bodyLength += wanted.count
    switch state {
    case .awaitingHead: return nil
    case .readingExposition(var splitter):
      // Taken out of the state, or each piece would be a copy of the line.
      state = .awaitingHead
      var goesOn = true
      splitter.feed(wanted) { line in
        goesOn = recognition.read(line)
        return goesOn
      }
      state = .readingExposition(splitter)
      return goesOn && bodyLength < Self.maxBodyLength ? nil : finish()
    case .readingPage(let status, var page):
      state = .awaitingHead
      page.append(wanted)
      state = .readingPage(status: status, page)
      // Who says this may wait for a handshake and say no more.
      return status == 400 && page.speaksTLS || page.isFull ? finish() : nil
    }
  }

  /// The verdict after the last byte.
  package mutating func finish() -> Verdict {
    switch state {
    case .awaitingHead: return .unfinished(.closed)
    case .readingExposition(var splitter):
      splitter.finish { recognition.read($0) }
      return recognition.identity.map(verdict(on:)) ?? .other(.noSamples)
    case .readingPage(let status, let page):
      return verdict(status: status, page: page)
    }
  }

  /// The verdict of an exchange that broke off: what was proven by then stands.
  package func breakOff(_ breakdown: Breakdown) -> Verdict {
    switch state {
    // A page of which the rest was not heard may be an exporter's.
    case .readingPage where breakdown == .overloaded: return .other(.brokenOff(breakdown))
    case .readingPage(let status, let page): return verdict(status: status, page: page)
    case .awaitingHead: return .unfinished(breakdown)
    case .readingExposition:
      // Half an exposition that proves nothing is none.
      guard let identity = recognition.identity, identity.exporter != Identity.unknownName else {
        return .other(.brokenOff(breakdown))
      }
      return verdict(on: identity)
    }
  }

  private func verdict(on identity: Identity) -> Verdict {
    if search.wants(identity.exporter) { return .exporter(identity) }
    return .other(identity.exporter == Identity.unknownName ? .unknown : .otherExporter(identity))
  }

  private func verdict(status: Int, page: ErrorPage) -> Verdict {
    switch status {
    case 400 where page.speaksTLS: return .other(.speaksTLS)
    case 400:
      guard let exporter = search.catalogue.refuser(inWords: page.text) else { return .other(.status(status)) }
      return verdict(on: Identity(exporter: exporter.name))
    case 503 where page.text.contains("Limit of concurrent requests reached"): return .busy(status: status)
    default: return .other(.status(status))
    }
  }
}
