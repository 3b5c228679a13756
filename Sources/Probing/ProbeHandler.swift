internal import Glibc
internal import NIOCore
internal import NIOHTTP1

/// Carries an `Exchange` over a channel: sends the request, feeds it the answer, keeps its deadline.
final class ProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let request: HTTPRequestHead
  private var exchange: Exchange
  private let timeout: TimeAmount
  private let outcome: VerdictOnce
  private var verdict: Verdict?
  private var deadline: Scheduled<Void>?

  init(_ request: HTTPRequestHead, _ exchange: Exchange, timeout: TimeAmount, _ outcome: VerdictOnce) {
    self.request = request
    self.exchange = exchange
    self.timeout = timeout
    self.outcome = outcome
  }

  func channelActive(context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
      self.end(context, self.exchange.breakOff(.timedOut))
    }
    context.write(wrapOutboundOut(.head(request)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard verdict == nil else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      let verdict = exchange.receiveHead(
        status: Int(head.status.code), contentType: head.headers.first(name: "content-type"),
        contentEncoding: head.headers.first(name: "content-encoding"))
      if let verdict { end(context, verdict) }
    case .body(let buffer):
      if let verdict = exchange.receiveBody(Array(buffer: buffer)) { end(context, verdict) }
    case .end:
      end(context, exchange.finish())
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(context, exchange.breakOff(Self.breakdown(error)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(context, exchange.breakOff(.closed))
  }

  /// The channel removes its handlers after it has closed the socket.
  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    outcome.deliver(verdict ?? .unfinished(.closed))
  }

  /// The first verdict stands; what comes after it is the noise of closing.
  private func end(_ context: ChannelHandlerContext, _ verdict: Verdict) {
    guard self.verdict == nil else { return }
    self.verdict = verdict
    context.close(promise: nil)
  }

  private static func breakdown(_ error: any Error) -> Breakdown {
    switch error {
    case HTTPParserError.headerOverflow: .headTooLarge
    case HTTPParserError.invalidEOFState: .closed
    case is HTTPParserError: .notHTTP
    case is ByteLimit.Exceeded: .endless
    case let error as IOError where error.errnoCode == ECONNRESET: .reset
    case let error as IOError where error.errnoCode == EPIPE: .closed
    case let error as IOError: .failed(errno: error.errnoCode)
    default: .notHTTP
    }
  }
}
