internal import NIOCore

/// Stands between a connection and all else: bounds what comes before TLS is agreed on, and closes at once, without the
/// farewells of TLS, where another client needs the place.
final class Doorstep: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Bytes that may still come; nil for any number.
  private var left: Int?

  init(atMost length: Int?) { left = length }

  /// TLS is agreed on: from now on others bound what comes.
  func open() { left = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if let left {
      let rest = left - unwrapInboundIn(data).readableBytes
      guard rest >= 0 else { return context.close(promise: nil) }
      self.left = rest
    }
    context.fireChannelRead(data)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    context.fireUserInboundEventTriggered(event)
    if event is MakeRoom { context.close(promise: nil) }
  }
}
