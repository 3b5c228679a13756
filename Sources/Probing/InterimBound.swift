internal import NIOCore

/// Bounds what a peer sends where no answer begins: interim responses, which are parsed and thrown away, cost a processor
/// more than they cost the peer.
final class InterimBound: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Room for a head and as much before it.
  private static let maxLength = 2 * Exchange.maxHeadLength
  /// Nil while a body is expected.
  private var left: Int? = maxLength

  /// The head of an answer has come.
  func expectBody() { left = nil }

  /// Another question is asked.
  func expectHead() { left = Self.maxLength }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    left? -= unwrapInboundIn(data).readableBytes
    // What is too much may hold the head that is waited for.
    context.fireChannelRead(data)
    if let left, left < 0 { context.fireErrorCaught(RawBytes.Exceeded(bound: .endless)) }
  }
}
