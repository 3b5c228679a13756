internal import Exporters
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS

/// Carries exchanges over a channel: sends the requests, feeds the answers to an `Exchange` each, keeps the deadline.
final class ProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let question: Prober.Question
  private let headers: HTTPHeaders
  private let timeout: TimeAmount
  /// Nil without TLS.
  private let gate: HandshakeGate?
  private let raw: RawBytes
  private let interim: InterimBound
  private let trace: (@Sendable (Prober.Step) -> Void)?
  private let outcome: AnswerOnce
  private let requests: RequestCount
  private var state: State
  /// One for each target that was asked and concluded.
  private var verdicts: [Verdict] = []
  private var asked = 0
  private var mayAskMore = false
  private var hasAnswered = false
  private var hasProof = false
  private var server: String?
  private var deadline: Scheduled<Void>?

  private enum State {
    case reading(Exchange)
    /// The verdict on this answer stands; its end is waited for, to ask the next question behind it.
    case skipping
    case ended
  }

  init(
    _ question: Prober.Question, headers: HTTPHeaders, timeout: TimeAmount, gate: HandshakeGate?, raw: RawBytes,
    interim: InterimBound, trace: (@Sendable (Prober.Step) -> Void)?, _ outcome: AnswerOnce, _ requests: RequestCount
  ) {
    self.question = question
    self.headers = headers
    self.timeout = timeout
    self.gate = gate
    self.raw = raw
    self.interim = interim
    self.trace = trace
    self.outcome = outcome
    self.requests = requests
    state = .reading(Exchange(question.search, credentials: question.credentials))
  }

  func channelActive(context: ChannelHandlerContext) {
    wait(context, Patience(timeout, from: .now()))
    if question.tls == nil { ask(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let tls = question.tls, case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    gate?.complete()
    let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    if let objection = tls.objection(to: certificate) { return end(context, .other(.untrusted(objection))) }
    trace?(.secured)
    ask(context)
  }

  /// Sends the next request.
  private func ask(_ context: ChannelHandlerContext) {
    let target = question.targets[asked]
    asked += 1
    state = .reading(Exchange(question.search, credentials: question.credentials))
    trace?(.asked(target: target))
    requests.add()
    interim.expectHead()
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
    if asked == question.targets.count { head.headers.add(name: "Connection", value: "close") }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .reading(var exchange)):
      hasAnswered = true
      interim.expectBody()
      let contentType = head.headers.first(name: "content-type")
      server = head.headers.first(name: "server").map(\.asExcerpt)
      mayAskMore = head.isKeepAlive && asked < question.targets.count
      trace?(.answered(status: Int(head.status.code), contentType: contentType.map(\.asExcerpt)))
      let verdict = exchange.receiveHead(
        status: Int(head.status.code), contentType: contentType,
        contentEncoding: head.headers.first(name: "content-encoding"))
      state = .reading(exchange)
      if let verdict { conclude(context, verdict) }
    case (.body(let buffer), .reading(var exchange)):
      if let bound = raw.countPart() { return breakOff(context, bound) }
      // Taken out of the state, or each piece would copy what the exchange keeps.
      state = .skipping
      let verdict = exchange.receiveBody(buffer.readableBytesView)
      state = .reading(exchange)
      tellProof(exchange)
      if let verdict { conclude(context, verdict) }
    case (.end, .reading(var exchange)):
      conclude(context, exchange.finish())
      tellProof(exchange)
      if case .skipping = state { ask(context) }
    case (.end, .skipping): ask(context)
    case (.body, .skipping): if let bound = raw.countPart() { breakOff(context, bound) }
    case (_, .skipping), (_, .ended): break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case _ where gate?.holdUp != nil: breakOff(context, gate?.holdUp ?? .overloaded)
    case _ where question.tls != nil && raw.isHTTP: end(context, .other(.plainHTTP(nil)))
    case let error as RawBytes.Exceeded: breakOff(context, error.bound)
    // With TLS 1.3 a client hears only after the handshake that its certificate is not taken.
    case _ where question.tls != nil && !hasAnswered:
      let verdict = HandshakeFailure.verdict(error, hasCome: raw.hasCome, serverName: question.tls?.serverName)
      if let verdict { end(context, verdict) } else { breakOff(context, breakdown(error)) }
    case is RawBytes.SpeaksTLS: end(context, .other(.speaksTLS))
    default: breakOff(context, breakdown(error))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    breakOff(context, gate?.holdUp ?? (raw.hasCome ? .cutShort : .closed))
  }

  /// The channel removes its handlers after it has closed the socket.
  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    let verdicts = verdicts.isEmpty ? [.unfinished(.closed)] : verdicts
    outcome.deliver(Prober.Answer(verdicts: verdicts, server: server))
  }

  // MARK: Verdicts

  /// The verdict on an answer that is read as far as it matters; the next question has to wait for its end.
  private func conclude(_ context: ChannelHandlerContext, _ verdict: Verdict) {
    if case .exporter = verdict { return end(context, verdict) }
    guard mayAskMore else { return end(context, verdict) }
    verdicts.append(verdict)
    state = .skipping
  }

  private func wait(_ context: ChannelHandlerContext, _ patience: Patience) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(deadline: patience.due) {
      var patience = patience
      let lost = max(self.raw.lost, self.gate?.waited ?? .zero)
      switch (patience.expire(at: .now(), lost: lost), self.raw.excessAmongOthers) {
      case (.end(isHeard: true), _): self.timeOut(context)
      case (_, let bound?): self.breakOff(context, bound)
      case (.wait, nil): self.wait(context, patience)
      case (.end(isHeard: false), nil): self.breakOff(context, .overloaded)
      }
    }
  }

  /// What has not even acknowledged the request was not reached by it, whatever it is.
  private func timeOut(_ context: ChannelHandlerContext) {
    if let holdUp = gate?.holdUp { return breakOff(context, holdUp) }
    guard !raw.hasCome, let socket = context.channel as? any SocketOptionProvider else {
      return breakOff(context, .timedOut)
    }
    socket.getTCPInfo().assumeIsolated().whenComplete { info in
      let isUnheard = (try? info.get()).map { $0.tcpi_unacked > 0 } ?? false
      self.breakOff(context, isUnheard ? .unheard : .timedOut)
    }
  }

  private func breakOff(_ context: ChannelHandlerContext, _ breakdown: Breakdown) {
    switch state {
    case .reading(let exchange):
      let verdict = exchange.breakOff(breakdown)
      // A connection that is kept may end at any time (RFC 9112, section 9.5): this question was not heard.
      if verdict == .unfinished(.cutShort), !verdicts.isEmpty { return close(context) }
      end(context, verdict)
    // What stands stands.
    case .skipping: close(context)
    case .ended: break
    }
  }

  private func end(_ context: ChannelHandlerContext, _ verdict: Verdict) {
    guard case .reading = state else { return }
    verdicts.append(verdict)
    close(context)
  }

  /// What comes from here on is the noise of closing.
  private func close(_ context: ChannelHandlerContext) {
    state = .ended
    context.close(promise: nil)
  }

  private func tellProof(_ exchange: Exchange) {
    guard let trace, !hasProof, let family = exchange.firstProof else { return }
    hasProof = true
    trace(.proved(family: family))
  }

  private func breakdown(_ error: any Error) -> Breakdown {
    switch error {
    case HTTPParserError.headerOverflow: .headTooLarge
    case HTTPParserError.invalidEOFState: raw.hasCome ? .cutShort : .closed
    case is HTTPParserError: .notHTTP
    case NIOSSLError.uncleanShutdown: raw.hasCome ? .cutShort : .closed
    case let error as IOError where error.errnoCode == ECONNRESET: raw.hasCome ? .cutShort : .reset
    case let error as IOError where error.errnoCode == EPIPE: raw.hasCome ? .cutShort : .closed
    case let error as IOError: .failed(errno: error.errnoCode)
    default: .notHTTP
    }
  }
}
