import Addressing
import Configuration
import Exporters
import Exposition
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Pages

@testable import Probing
@testable import Sweeping

/// What libFuzzer calls with each input: the first byte chooses the parser, the rest is what a peer, or a file, says.
///
/// A trap is a finding, and so is a verdict that says nothing, or a carrier that does not end when its peer does.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = bytes.first else { return 0 }
  let input = bytes.dropFirst()
  switch choice {
  case UInt8(ascii: "4"):
    page(input)
    return 0
  case UInt8(ascii: "5"):
    segment(input)
    return 0
  case UInt8(ascii: "6"):
    inventory(input)
    return 0
  case UInt8(ascii: "7"):
    control(input)
    return 0
  case UInt8(ascii: "8"):
    handshake(input)
    return 0
  default: break
  }
  switch choice % 4 {
  case 0: answer(input)
  case 1: exposition(input)
  case 2: configuration(input)
  default: inquiry(input)
  }
  return 0
}

/// A whole answer as it comes from the network, in pieces: head, framing, body.
private func answer(_ input: ArraySlice<UInt8>) {
  carry(Prober.Question(["/metrics?collect%5B%5D=uname", "/other"], search), input)
}

/// What a server of TLS says first, in records of its own.
private func handshake(_ input: ArraySlice<UInt8>) {
  guard let tls = try? TLSClient(TLSClient.Material(), serverName: nil, isVerifying: false) else {
    fatalError("no client without certificates")
  }
  carry(Prober.Question(["/metrics"], search, tls: tls), input)
}

/// Brings the bytes to the carrier of a question, in pieces as long as the first of them says.
private func carry(_ question: Prober.Question, _ input: ArraySlice<UInt8>) {
  let channel = EmbeddedChannel()
  let verdicts = Heard()
  let pieceLength = max(1, Int(input.first ?? 0))
  do {
    try Prober.equip(
      channel, for: question, headers: HTTPHeaders(), timeout: .seconds(1), room: HandshakeRoom(),
      load: LoopLoad(), trace: nil, AnswerOnce { verdicts.answer = $0 }, RequestCount())
    try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 9100)).wait()
    var rest = input.dropFirst()
    while !rest.isEmpty, channel.isActive {
      try channel.writeInbound(ByteBuffer(bytes: rest.prefix(pieceLength)))
      channel.embeddedEventLoop.run()
      rest = rest.dropFirst(pieceLength)
    }
  } catch {
    // What the handlers throw at the channel's end is theirs to have dealt with.
  }
  _ = try? channel.finish(acceptAlreadyClosed: true)
  channel.embeddedEventLoop.run()
  guard let answer = verdicts.answer, !answer.verdicts.isEmpty else { fatalError("an answer without a verdict") }
  for verdict in answer.verdicts { precondition(!verdict.description.isEmpty) }
}

private final class Heard: @unchecked Sendable {
  // Safe as the embedded channel runs on this very thread.
  var answer: Prober.Answer?
}

private let search = Search(.builtIn, for: ["node_exporter"], takesAny: true)

/// A packet that came to the port of a sweep by SYN, whoever sent it.
private func segment(_ input: ArraySlice<UInt8>) {
  for isIPv6 in [false, true] {
    guard let answer = SynAnswer(record: input, isIPv6: isIPv6, port: 40_000) else { continue }
    precondition(answer.source.address.bitWidth == (isIPv6 ? 128 : 32))
  }
}

private func exposition(_ input: ArraySlice<UInt8>) {
  var exchange = Exchange(search)
  guard exchange.receiveHead(status: 200, contentType: "text/plain; version=0.0.4", contentEncoding: nil) == nil else {
    fatalError("an exposition is refused by its head")
  }
  let half = input.count / 2
  if let verdict = exchange.receiveBody(input.prefix(half)) { return check(verdict) }
  if let verdict = exchange.receiveBody(input.dropFirst(half)) { return check(verdict) }
  check(exchange.breakOff(.timedOut))
  check(exchange.finish())
}

/// Whatever an exposition says, what is kept of it can stand in a label, a log line and a terminal.
private func check(_ verdict: Verdict) {
  guard case .exporter(let identity) = verdict else { return }
  for text in [identity.version, identity.nodename].compactMap(\.self) { precondition(text.asName == text) }
}

/// What users add to the catalogue, and all else that stands in a configuration.
private func configuration(_ input: ArraySlice<UInt8>) {
  do throws(ConfigurationError) {
    let settings = try Settings(parsing: Array(input), file: "f", catalogue: .builtIn)
    precondition(!settings.jobs.isEmpty)
  } catch {
    precondition(!error.description.isEmpty)
  }
  do throws(ConfigurationError) {
    let web = try WebConfig(parsing: Array(input), file: "f")
    precondition(web.users.count <= 1_000)
  } catch {
    precondition(!error.description.isEmpty)
  }
}

/// Whatever a machine calls itself, and whatever is searched for, none of it becomes markup.
private func page(_ input: ArraySlice<UInt8>) {
  let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let (query, name) = (parts[0], String(decoding: parts.last ?? [], as: UTF8.self))
  guard let endpoint = Endpoint("10.0.0.1:9100") else { return }
  let addresses = AddressSet([AddressSpan(first: endpoint.address, last: endpoint.address)])
  var job = JobView(name: name, addresses: addresses, interval: .seconds(60), nextScan: .zero)
  job.targets = [
    TargetView(
      endpoint: endpoint, state: .silent, exporter: name, version: name, nodename: name, scheme: name,
      metricsPath: name, firstSeen: .zero, silentSince: .zero, reason: name)
  ]
  let wording = Wording(duration: { _ in "1s" }, time: { _ in "now" })
  let overview = Overview(version: "1", summary: name, faults: [name], jobs: [job], wording: wording)
  let html = StatusPage(overview, PageQuery(String(decoding: query, as: UTF8.self))).html
  let text = String(decoding: html, as: UTF8.self).lowercased()
  // No page has one of these, and it is what a name would have to become.
  for markup in ["<script", "<img", "<svg", "javascript:", "\u{202E}"] {
    precondition(!text.contains(markup) || markup == "javascript:" && !text.contains("href=\"\(markup)"))
  }
}

/// Any sequence of events comes to an end.
private func inquiry(_ input: ArraySlice<UInt8>) {
  var events = input
  let plan = events.popFirst() ?? 0
  var inquiry = Inquiry(
    Inquiry.Plan(
      targets: plan & 1 == 0 ? ["/a"] : ["/a", "/b", "/c"], scheme: plan & 2 == 0 ? .http : .https,
      mayChangeScheme: plan & 4 == 0, insistence: plan & 6 == 6 ? .past : nil, isGuarded: plan & 8 == 0))
  var step = inquiry.opened()
  for count in 0... {
    precondition(count < 32, "an inquiry without an end")
    let event = events.popFirst() ?? 0
    switch step {
    case .conclude:
      precondition(inquiry.finding != nil)
      return
    case .reconnect: step = inquiry.opened()
    case .examine: step = inquiry.examined(event & 7 == 0 ? .lpd : nil)
    case .ask(let targets, _):
      precondition(!targets.isEmpty)
      let asked = 1 + Int(event >> 5) % targets.count
      step = inquiry.answered((0..<asked).map { _ in verdicts[Int(event & 31) % verdicts.count] })
    }
  }
}

private let verdicts: [Verdict] = [
  .exporter(Identity(exporter: "node_exporter")), .busy(status: 503), .other(.otherExporter(Identity(exporter: "x"))),
  .other(.unknown), .other(.unauthorized(.none)), .other(.redirect(status: 301)), .other(.status(404)),
  .other(.speaksTLS),
  .other(.untrusted("x")), .other(.handshakeRefused("x")), .other(.notAnExposition(contentType: nil)),
  .other(.noSamples), .other(.brokenOff(.closed)), .other(.encoded("gzip")), .unfinished(.timedOut),
  .unfinished(.unheard), .unfinished(.overloaded),
  .unfinished(.closed), .unfinished(.reset), .unfinished(.cutShort), .unfinished(.notHTTP), .unfinished(.notTLS),
  .unfinished(.headTooLarge), .unfinished(.endless), .unfinished(.failed(errno: 5)), .other(.plainHTTP(nil)),
]
