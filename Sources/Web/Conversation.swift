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
  private let doorstep: Doorstep
  private var state = State.listening(hasAsked: false)
  /// Whether the server is about to end.
  private var isFinishing = false
  private var deadline: Scheduled<Void>?
  /// The check of a password that the answer waits for.
  private var check: Int?
  /// The answer that is being sent.
  private var delivery: Delivery?
  private var isDelivering = false

  private enum State {
    case listening(hasAsked: Bool)
    case receiving(HTTPRequestHead)
    case answering(Request?, isLast: Bool)
    case ending
  }

  /// `protection` is asked for each request.
  init(
    at desk: Desk, from now: Protection, _ protection: @escaping @Sendable () -> Protection?, _ bound: RequestBound,
    _ doorstep: Doorstep
  ) {
    self.desk = desk
    tls = now.tls
    addedHeaders = now.headers
    self.protection = protection
    self.bound = bound
    self.doorstep = doorstep
  }

  func handlerAdded(context: ChannelHandlerContext) {
    setDeadline(desk.bounds.requestTime, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    end()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: finish(context)
    // The doorstep closes the connection.
    case is MakeRoom: end()
    case is RequestBound.Beginning:
      guard case .listening(hasAsked: true) = state else { break }
      desk.table.note(context.channel, .asking)
      setDeadline(desk.bounds.requestTime, context)
    case ChannelEvent.inputClosed: hearTheEnd(context)
    case TLSUserEvent.handshakeCompleted:
      doorstep.open()
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

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .listening):
      state = .receiving(head)
      if head.uri.utf8.count > desk.bounds.targetLength { return refuse(414, context) }
      if head.headers.count > desk.bounds.headerCount { return refuse(431, context) }
    case (.head, .answering(let request, _)): state = .answering(request, isLast: true)
    case (.end, .receiving(let head)):
      let request = Request(head)
      // Behind what might be another protocol the decoder hears nothing more.
      let isUpgrade = head.method == .CONNECT || head.headers.contains(name: "Upgrade")
      state = .answering(request, isLast: isFinishing || isUpgrade || !head.isKeepAlive)
      desk.table.note(context.channel, .waiting)
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
    guard request.hosts.count <= 1 else { return send(Response(400, "the request has more than one Host"), context) }
    if let hosts = now.hosts, Peer(context.channel.remoteAddress) != .local, !hosts.admits(request.host) {
      return send(.misdirected, context)
    }
    guard !now.users.isEmpty else { return answer(request, context) }
    let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let peer = Peer(context.channel.remoteAddress)
    check = desk.passwords.check(request.authorization, now.users, from: peer) { verdict in
      loop.onLoop { $0.take(verdict, of: request, $1) }
    }
  }

  private func take(_ verdict: Passwords.Verdict, of request: Request, _ context: ChannelHandlerContext) {
    check = nil
    switch verdict {
    case .right: answer(request, context)
    case .missing: send(.unauthorized, context)
    case .wrong:
      context.eventLoop.assumeIsolated().scheduleTask(in: desk.bounds.pauseAfterWrong) {
        self.send(.unauthorized, context)
      }
    case .busy: send(.tooManyPasswords, context)
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
    guard case .answering(let request, let isLast) = state, delivery == nil else { return }
    let isForHeadOnly = request?.isForHeadOnly == true
    let route = request.flatMap { Route(path: $0.path) }
    var response = response
    if !isForHeadOnly {
      let isForPrometheus = route?.isForPrometheus == true
      let bytes = desk.table.takeRoom(for: response.body, isForPrometheus ? .list : .view, context.channel)
      if let bytes { response.body = bytes } else { response = .noRoom }
    }
    desk.statistics.count(route?.word, response.status)
    context.write(wrapOutboundOut(.head(response.head(with: addedHeaders, isLast: isLast))), promise: nil)
    delivery = Delivery(isForHeadOnly ? [] : response.body)
    desk.table.note(context.channel, .taking)
    setDeadline(desk.bounds.takeTime, context)
    deliver(context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    deliver(context)
    context.fireChannelWritabilityChanged()
  }

  /// Pieces that are handed over before other connections have their turn.
  private static let piecesInARow = 32

  /// Hands over as much of the answer as the connection takes.
  private func deliver(_ context: ChannelHandlerContext) {
    // What is flushed may make the connection writable again.
    guard !isDelivering else { return }
    isDelivering = true
    defer { isDelivering = false }
    for _ in 0..<Self.piecesInARow {
      guard context.channel.isWritable, let piece = delivery?.next(atMost: desk.bounds.pieceLength) else { break }
      let promise = context.eventLoop.makePromise(of: Void.self)
      promise.futureResult.assumeIsolated().whenSuccess { self.note(taken: piece.readableBytes, context) }
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(piece))), promise: promise)
    }
    guard let delivery, !delivery.isEnded else { return }
    guard delivery.isHandedOver else {
      if context.channel.isWritable { context.eventLoop.assumeIsolated().execute { self.deliver(context) } }
      return
    }
    self.delivery?.isEnded = true
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenSuccess { self.isSent(context) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
  }

  private func note(taken length: Int, _ context: ChannelHandlerContext) {
    delivery?.note(taken: length)
    desk.table.note(context.channel, hasTaken: length)
  }

  private func isSent(_ context: ChannelHandlerContext) {
    delivery = nil
    desk.table.giveRoom(context.channel)
    guard case .answering(_, let isLast) = state else { return }
    guard !isLast else { return linger(context) }
    state = .listening(hasAsked: true)
    bound.reset()
    desk.table.note(context.channel, .idle)
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
    desk.table.note(context.channel, .idle)
    guard tls == nil else { return close(context) }
    setDeadline(desk.bounds.lingerTime, context)
    context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
    context.close(mode: .output, promise: nil)
  }

  // MARK: Ends

  /// Ends now: what still comes, be it from behind a TLS handler that takes its time, is no request any more.
  private func close(_ context: ChannelHandlerContext) {
    end()
    context.close(promise: nil)
  }

  private func end() {
    state = .ending
    delivery = nil
    bound.hearNoMore()
    if let check { desk.passwords.cancel(check) }
    check = nil
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
    case .answering where delivery?.hasMoved(by: desk.bounds.takeLength) == true:
      setDeadline(desk.bounds.takeTime, context)
    // Nothing came, or a part of a head: nobody waits for an answer to that, or too long already.
    case .listening(hasAsked: false) where tls == nil: refuse(408, context)
    default: close(context)
    }
  }
}
