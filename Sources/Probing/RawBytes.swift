internal import NIOCore

/// Looks at what comes from a peer beneath TLS and HTTP: bounds it, and knows a TLS alert where HTTP was spoken.
final class RawBytes: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  struct Exceeded: Error {}
  struct SpeaksTLS: Error {}

  /// Whether anything came at all.
  private(set) var hasCome = false
  private let isPlain: Bool
  private var left: Int

  /// Twice what each of so many exchanges looks at: room for the framing of any honest answer, interim responses, chunks
  /// and trailers, and for a handshake.
  init(exchanges: Int, isPlain: Bool) {
    left = 2 * exchanges * (Exchange.maxHeadLength + Exchange.maxBodyLength)
    self.isPlain = isPlain
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if !hasCome, isPlain, isAlert(bytes) { return context.fireErrorCaught(SpeaksTLS()) }
    hasCome = hasCome || bytes.readableBytes > 0
    left -= bytes.readableBytes
    if left < 0 {
      context.fireErrorCaught(Exceeded())
    } else {
      context.fireChannelRead(data)
    }
  }

  /// A record of type alert (21) of SSL 3.0 or any TLS (RFC 8446, section 5.1); no HTTP answer begins so.
  private func isAlert(_ bytes: ByteBuffer) -> Bool {
    bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) == 0x1503
  }
}
