internal import Exposition

/// One HTTP exchange with an endpoint, seen as bytes that come in: decides what they prove, and when enough has come.
///
/// Pure, so that every bound can be tried without a network. Holds at most one line of the exposition, or the
/// beginning of an error page.
struct Exchange {
  /// More is no head of an exporter's.
  static let maxHeadLength = 16_384
  /// What is read of a body; what stands behind it is not looked at.
  static let maxBodyLength = 262_144
  /// What is kept of an error page: its words stand at the beginning.
  static let maxPageLength = 4_096

  private enum State {
    case awaitingHead
    case readingExposition(LineSplitter)
    case readingPage(status: Int, [UInt8])
  }

  private let exporter: Exporter
  private var state = State.awaitingHead
  private var bodyLength = 0
  private var proven: Identity?
  /// As the machine calls itself; told by whatever it is that answers, so nothing without the proof.
  private var nodename: String?
  private var startTime: Double?

  init(with exporter: Exporter) {
    self.exporter = exporter
  }

  /// Takes the status and the two header fields that matter; a verdict ends the exchange.
  mutating func receiveHead(status: Int, contentType: String?, contentEncoding: String?) -> Verdict? {
    switch status {
    case 200:
      if let contentEncoding, !["", "identity"].contains(contentEncoding.lowercased()) {
        return .other(.encoded(printable(contentEncoding)))
      }
      guard let contentType, MediaType.isExposition(contentType) else {
        return .other(.notAnExposition(contentType: contentType.map(printable)))
      }
      state = .readingExposition(LineSplitter())
      return nil
    case 400, 503:
      state = .readingPage(status: status, [])
      return nil
    case 401: return .other(.unauthorized)
    case 429: return .busy(status: status)
    case 300..<400: return .other(.redirect(status: status))
    default: return .other(.status(status))
    }
  }

  /// Takes a piece of the body; a verdict ends the exchange.
  mutating func receiveBody(_ bytes: [UInt8]) -> Verdict? {
    let wanted = bytes.prefix(Self.maxBodyLength - bodyLength)
    bodyLength += wanted.count
    switch state {
    case .awaitingHead: return nil
    case .readingExposition(var splitter):
      splitter.feed(wanted) { read(line: $0) }
      state = .readingExposition(splitter)
      if isFullyIdentified || bodyLength >= Self.maxBodyLength { return finish() }
      return nil
    case .readingPage(let status, var page):
      page += wanted.prefix(Self.maxPageLength - page.count)
      state = .readingPage(status: status, page)
      return page.count >= Self.maxPageLength ? finish() : nil
    }
  }

  /// The verdict after the last byte.
  mutating func finish() -> Verdict {
    switch state {
    case .awaitingHead: return .unfinished(.closed)
    case .readingExposition(var splitter):
      splitter.finish { read(line: $0) }
      return identity.map(Verdict.exporter) ?? .other(.noProof(of: exporter.name))
    case .readingPage(let status, let page):
      return verdict(status: status, page: String(decoding: page, as: UTF8.self))
    }
  }

  /// The verdict of an exchange that broke off: what was proven by then stands.
  func breakOff(_ breakdown: Breakdown) -> Verdict {
    if case .readingPage(let status, let page) = state {
      return verdict(status: status, page: String(decoding: page, as: UTF8.self))
    }
    return identity.map(Verdict.exporter) ?? .unfinished(breakdown)
  }

  private var identity: Identity? {
    guard var identity = proven else { return nil }
    identity.nodename = nodename
    identity.startTime = startTime
    return identity
  }

  private var isFullyIdentified: Bool { proven != nil && nodename != nil && startTime != nil }

  /// Looks for the proof, the machine's name and the start of the process, the first of each.
  private mutating func read(line: ArraySlice<UInt8>) -> Bool {
    let families = [exporter.proof, exporter.nodename.family, exporter.startTime]
    guard families.contains(where: { line.starts(with: $0.utf8) }), let sample = Sample(line: line) else { return true }
    if sample.name == exporter.proof, proven == nil {
      proven = Identity(exporter: exporter.name, version: sample.labels["version"].flatMap(name))
    } else if sample.name == exporter.nodename.family, nodename == nil {
      nodename = sample.labels[exporter.nodename.name].flatMap(name)
    } else if sample.name == exporter.startTime, startTime == nil {
      startTime = sample.value.flatMap { $0.isFinite ? $0 : nil }
    }
    return !isFullyIdentified
  }

  private func verdict(status: Int, page: String) -> Verdict {
    switch status {
    case 400 where page.contains("HTTP request to an HTTPS server"): .other(.speaksTLS)
    case 400 where exporter.telltaleOfBadRequest.allSatisfy(page.contains):
      .exporter(Identity(exporter: exporter.name))
    case 503 where page.contains("Limit of concurrent requests reached"): .busy(status: status)
    default: .other(.status(status))
    }
  }
}

/// A name as it came from the network, if it can stand in a label, a log line and a terminal: 1 to 255 bytes of UTF-8
/// (RFC 1035 allows no longer host name) without control characters.
private func name(_ text: String) -> String? {
  let isFit = (1...255).contains(text.utf8.count) && text.unicodeScalars.allSatisfy(isPrintable)
  return isFit ? text : nil
}

/// Text from the network made fit for a log line: at most 80 characters, what cannot be printed replaced.
private func printable(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.prefix(80).map { isPrintable($0) ? $0 : "?" }))
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
  default: true
  }
}
