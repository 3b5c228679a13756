internal import Exposition
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS

/// One client's connection: a request, its answer, the next request.
///
/// A client that sends a request before it has the answer to the last one is answered once and has to connect anew.
final class Conversation: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let desk: Desk
  /// What the connection began with; nil for plain HTTP.
  private let tls: ServerTLS?
  private let protection: @Sendable () -> Protection?
  /// What is added to each answer, as of the last request.
  private var addedHeaders: [(name: String, value: String)]
  private let bound: RequestBound
  private var state = State.listening(hasAsked: false)
  /// Whether the server is about to end.
  private var isFinishing = false
  private var deadline: Scheduled<Void>?

  private enum State {
    case listening(hasAsked: Bool)
    case receiving(HTTPRequestHead)
    case answering(Request?, isLast: Bool)
    case ending
  }

  /// `protection` is asked for each request: whoever may ask no more is not answered any more.
  init(
    at desk: Desk, from now: Protection, _ protection: @escaping @Sendable () -> Protection?, _ bound: RequestBound
  ) {
    self.desk = desk
    tls = now.tls
    addedHeaders = now.headers
    self.protection = protection
    self.bound = bound
  }

  func handlerAdded(context: ChannelHandlerContext) {
    setDeadline(desk.bounds.requestTime, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    state = .ending
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: finish(context)
    case is MakeRoom: close(context)
    case ChannelEvent.inputClosed: hearTheEnd(context)
    case TLSUserEvent.handshakeCompleted:
      let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
      if let tls, !tls.admits(certificate) { close(context) }
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// The client says no more; who has asked may be waiting for the answer.
  private func hearTheEnd(_ context: ChannelHandlerContext) {
    guard case .answering(let request, _) = state else { return close(context) }
    state = .answering(request, isLast: true)
  }

  private func finish(_ context: ChannelHandlerContext) {
    isFinishing = true
    switch state {
    case .listening(hasAsked: true): close(context)
    // What was sent may be waiting to be read.
    case .listening, .receiving: setDeadline(desk.bounds.lastRequestTime, context)
    case .answering(let request, _): state = .answering(request, isLast: true)
    case .ending: break
    }
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .listening):
      desk.table.note(context.channel, isIdle: false)
      state = .receiving(head)
      if head.uri.utf8.count > desk.bounds.targetLength { return refuse(414, context) }
      if head.headers.count > desk.bounds.headerCount { return refuse(431, context) }
    case (.head, .answering(let request, _)): state = .answering(request, isLast: true)
    case (.end, .receiving(let head)):
      let request = Request(head)
      // Behind what might be another protocol the decoder hears nothing more.
      let isUpgrade = head.method == .CONNECT || head.headers.contains(name: "Upgrade")
      state = .answering(request, isLast: isFinishing || isUpgrade || !head.isKeepAlive)
      setDeadline(desk.bounds.answerTime, context)
      // Nobody makes us keep what he sends meanwhile.
      context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
      admit(request, context)
    default: break
    }
  }

  private func admit(_ request: Request, _ context: ChannelHandlerContext) {
    guard let now = protection(), now.tls?.context === tls?.context else { return close(context) }
    addedHeaders = now.headers
    guard !now.users.isEmpty else { return answer(request, context) }
    let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    desk.passwords.check(request.authorization, now.users) { verdict in
      loop.onLoop { conversation, context in
        switch verdict {
        case .right: conversation.answer(request, context)
        case .wrong: conversation.send(.unauthorized, context)
        case .busy: conversation.send(Response(429, "too many passwords are being checked"), context)
        }
      }
    }
  }

  private func answer(_ request: Request, _ context: ChannelHandlerContext) {
    guard let route = Route(path: request.path) else {
      return send(Response(404, "there is nothing at this path"), context)
    }
    guard route.methods.contains(request.method) else {
      let allowed = route.methods.joined(separator: ", ")
      return send(Response(405, "use \(allowed)", headers: [.init(name: "Allow", value: allowed)]), context)
    }
    let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    guard route != .reload else {
      guard request.isOfThisSite else { return send(Response(403, "not from another site"), context) }
      return desk.backend.reload { outcome in
        loop.onLoop { $0.send(.reloaded(outcome), $1) }
      }
    }
    desk.backend.look { snapshot in
      loop.onLoop { conversation, context in
        guard case .answering = conversation.state else { return }
        conversation.send(route.response(to: request, from: snapshot, conversation.desk.statistics), context)
      }
    }
  }

  // MARK: Answers

  private func send(_ response: Response, _ context: ChannelHandlerContext) {
    guard case .answering(let request, let isLast) = state else { return }
    let isForHeadOnly = request?.isForHeadOnly == true
    let hasRoom = isForHeadOnly || desk.table.takeRoom(response.body.count)
    let response = hasRoom ? response : .noRoom
    desk.statistics.count(request.flatMap { Route(path: $0.path)?.word }, response.status)
    let length = isForHeadOnly || !hasRoom ? 0 : response.body.count
    context.write(wrapOutboundOut(.head(head(of: response, isLast: isLast))), promise: nil)
    if !isForHeadOnly, !response.body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    }
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { [desk] _ in
      desk.table.giveRoom(length)
      self.isSent(context)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
  }

  private func head(of response: Response, isLast: Bool) -> HTTPResponseHead {
    var headers = HTTPHeaders([
      ("Content-Type", response.contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
      ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "deny"),
    ])
    if response.status != 304 { headers.add(name: "Content-Length", value: "\(response.body.count)") }
    for header in response.headers { headers.replaceOrAdd(name: header.name, value: header.value) }
    for header in addedHeaders { headers.replaceOrAdd(name: header.name, value: header.value) }
    if isLast { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: .init(statusCode: response.status), headers: headers)
  }

  private func isSent(_ context: ChannelHandlerContext) {
    guard case .answering(_, let isLast) = state else { return }
    guard !isLast else { return linger(context) }
    state = .listening(hasAsked: true)
    bound.reset()
    desk.table.note(context.channel, isIdle: true)
    setDeadline(desk.bounds.idleTime, context)
    context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
  }

  /// Says why a request is not heard to its end, and ends.
  private func refuse(_ status: Int, _ context: ChannelHandlerContext) {
    bound.hearNoMore()
    state = .answering(nil, isLast: true)
    setDeadline(desk.bounds.answerTime, context)
    send(.refusal(status, desk.bounds), context)
  }

  /// Lets the client read to the end: to close with something of his unread would reset the connection.
  private func linger(_ context: ChannelHandlerContext) {
    state = .ending
    bound.hearNoMore()
    guard tls == nil else { return close(context) }
    setDeadline(desk.bounds.lingerTime, context)
    context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
    context.close(mode: .output, promise: nil)
  }

  // MARK: Ends

  /// Ends now: what still comes, be it from behind a TLS handler that takes its time, is no request any more.
  private func close(_ context: ChannelHandlerContext) {
    state = .ending
    bound.hearNoMore()
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (error, state) {
    case (is RequestBound.Exceeded, .listening), (is RequestBound.Exceeded, .receiving): refuse(431, context)
    case (is HTTPParserError, .listening), (is HTTPParserError, .receiving): refuse(400, context)
    case (is RequestBound.Exceeded, .answering(let request, _)), (is HTTPParserError, .answering(let request, _)):
      bound.hearNoMore()
      state = .answering(request, isLast: true)
    case (_, .ending): break
    default: close(context)
    }
  }

  private func setDeadline(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.timeOut(context) }
  }

  private func timeOut(_ context: ChannelHandlerContext) {
    switch state {
    case .receiving: refuse(408, context)
    // Nothing came, or a part of a head: nobody waits for an answer to that, or too long already.
    case .listening(hasAsked: false) where tls == nil: refuse(408, context)
    default: close(context)
    }
  }
}

extension NIOLoopBound {
  /// Runs on the event loop, now or soon.
  fileprivate func onLoop<First, Second>(_ body: @escaping @Sendable (First, Second) -> Void)
  where Value == (First, Second) {
    eventLoop.execute {
      let (first, second) = self.value
      body(first, second)
    }
  }
}

extension Response {
  fileprivate static let unauthorized = Response(
    401, "Unauthorized", headers: [.init(name: "WWW-Authenticate", value: "Basic realm=\"subnet-sd\"")])

  fileprivate static func reloaded(_ outcome: Backend.Reload) -> Response {
    switch outcome {
    case .done: Response(200, "configuration reloaded")
    case .disabled: Response(403, "reloading is not enabled; write 'enable_lifecycle: true' under 'web'")
    case .refused(let lines):
      Response(500, (["configuration not reloaded, keeping the previous one"] + lines).joined(separator: "\n"))
    }
  }

  /// To a request that is not heard to its end.
  fileprivate static func refusal(_ status: Int, _ bounds: Bounds) -> Response {
    switch status {
    case 408: Response(408, "the request did not come in time")
    case 414: Response(414, "the path and query have more than \(bounds.targetLength) bytes")
    case 431:
      Response(431, "the request has more than \(bounds.requestLength) bytes or \(bounds.headerCount) header fields")
    default: Response(400, "this is no HTTP request")
    }
  }

  fileprivate static let noRoom = Response(
    503, "too many answers are on their way", headers: [.init(name: "Retry-After", value: "1")])
}
