internal import NIOCore

/// Bounds the bytes of one request before anything is made of them.
final class RequestBound: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  struct Exceeded: Error {}

  /// The first byte of a request has come.
  struct Beginning {}

  private let length: Int
  private var left: Int
  private var isDeaf = false

  init(_ length: Int) {
    self.length = length
    left = length
  }

  /// Another request begins.
  func reset() { left = length }

  /// What still comes is thrown away.
  func hearNoMore() { isDeaf = true }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isDeaf else { return }
    if left == length { context.fireUserInboundEventTriggered(Beginning()) }
    left -= unwrapInboundIn(data).readableBytes
    guard left >= 0 else {
      isDeaf = true
      return context.fireErrorCaught(Exceeded())
    }
    context.fireChannelRead(data)
  }
}
