internal import NIOCore

/// Bounds what a peer can send at all, beneath HTTP: interim responses, chunk framing and trailers count too.
final class ByteLimit: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  struct Exceeded: Error {}

  /// Twice what an exchange looks at: room for the framing of any honest answer.
  private var left = 2 * (Exchange.maxHeadLength + Exchange.maxBodyLength)

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    left -= unwrapInboundIn(data).readableBytes
    if left < 0 {
      context.fireErrorCaught(Exceeded())
    } else {
      context.fireChannelRead(data)
    }
  }
}
