internal import NIOCore

/// Looks at what comes from a peer beneath TLS and HTTP: bounds it and what it costs, and knows a TLS alert where HTTP was
/// spoken, and HTTP where TLS was.
final class RawBytes: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let httpName = Array("HTTP/".utf8)
  /// The least that a read has room for; with less, all that had come was read.
  static let fullRead = 1_024

  struct Exceeded: Error {
    let bound: Breakdown
  }
  struct SpeaksTLS: Error {}

  /// Whether anything came at all.
  private(set) var hasCome = false
  /// Whether TLS was spoken, and the answer begins as one in HTTP/1 (RFC 9112, section 4): no TLS record does.
  var isHTTP: Bool { beginning.elementsEqual(Self.httpName) }
  /// What came first, as far as it tells that.
  private var beginning: [UInt8] = []
  private let isPlain: Bool
  private var left: Int
  private var effort: Effort
  private let load: LoopLoad
  private let loadBefore: Int64
  /// What this connection has added to the load.
  private var own: Int64 = 0

  /// Twice what each of so many exchanges looks at: room for the framing of any honest answer, interim responses, chunks
  /// and trailers, and for a handshake.
  init(exchanges: Int, isPlain: Bool, load: LoopLoad, effort: Effort? = nil) {
    left = 2 * exchanges * (Exchange.maxHeadLength + Exchange.maxBodyLength)
    self.isPlain = isPlain
    self.effort = effort ?? Effort(exchanges: exchanges)
    self.load = load
    loadBefore = load.nanoseconds
  }

  /// How long the loop has read what others sent, up to the last time that this peer was answered, or that it had more to say
  /// than one read takes: so much later it was heard. A peer that says little, or nothing, after it was asked has lost
  /// nothing by that.
  private(set) var lost = TimeAmount.zero

  /// A part of a body has come; returns the bound if it was one too many.
  func countPart() -> Breakdown? {
    effort.countPiece()
    return effort.excess
  }

  /// Why this is given no more time where others wait.
  var excessAmongOthers: Breakdown? { effort.excessAmongOthers }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if !hasCome, isPlain, isAlert(bytes) { return context.fireErrorCaught(SpeaksTLS()) }
    hasCome = hasCome || bytes.readableBytes > 0
    if !isPlain, beginning.count < Self.httpName.count {
      beginning += bytes.readableBytesView.prefix(Self.httpName.count - beginning.count)
    }
    if bytes.readableBytes >= Self.fullRead { noteLoss() }
    left -= bytes.readableBytes
    guard left >= 0 else { return context.fireErrorCaught(Exceeded(bound: .endless)) }
    effort.countPiece()
    measure { context.fireChannelRead(data) }
    if let bound = effort.excess { context.fireErrorCaught(Exceeded(bound: bound)) }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    noteLoss()
    context.write(data, promise: promise)
  }

  private func noteLoss() { lost = .nanoseconds(load.nanoseconds - loadBefore - own) }

  /// TLS hands on what it has read when it has read it all.
  func channelReadComplete(context: ChannelHandlerContext) {
    measure { context.fireChannelReadComplete() }
    if let bound = effort.excess { context.fireErrorCaught(Exceeded(bound: bound)) }
  }

  private func measure(_ body: () -> Void) {
    let start = NIODeadline.now()
    effort.begin()
    body()
    effort.end()
    let elapsed = (NIODeadline.now() - start).nanoseconds
    own += elapsed
    load.add(elapsed)
  }

  /// A record of type alert (21) of SSL 3.0 or any TLS (RFC 8446, section 5.1); no HTTP answer begins so.
  private func isAlert(_ bytes: ByteBuffer) -> Bool {
    bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) == 0x1503
  }
}
