internal import NIOCore

/// Lets through what belongs to a TLS handshake as far as there is room for it, and bounds it.
///
/// What has no room is not read meanwhile; it stays in the kernel, but for one piece.
final class HandshakeGate: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let room: HandshakeRoom
  private var length = 0
  private var isComplete = false
  private var isRemoved = false
  private var isEntering = false
  /// What was read and has no room, and whether more is wanted.
  private var held: [ByteBuffer] = []
  private var wantsMore = false
  private var heldSince: NIODeadline?
  private var heldBefore = TimeAmount.zero
  /// Gives back a place each, in the order of taking them.
  private var places: [@Sendable () -> Void] = []

  init(_ room: HandshakeRoom) {
    self.room = room
  }

  private var isHolding: Bool { heldSince != nil }

  /// Why something of the peer was not read: as others were answering, or as it is more than is read while others wait.
  var holdUp: Breakdown? { isHolding ? (places.isEmpty ? .overloaded : .handshakeTooLarge) : nil }

  /// How long something of the peer that is no more than usual has waited.
  var waited: TimeAmount {
    guard let heldSince, places.isEmpty else { return heldBefore }
    return heldBefore + (.now() - heldSince)
  }

  /// The handshake is complete. What it has left behind stays as long as the connection, and so do its places.
  func complete() { isComplete = true }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isComplete else { return context.fireChannelRead(data) }
    let bytes = unwrapInboundIn(data)
    length += bytes.readableBytes
    guard length <= HandshakeRoom.maxLength else {
      return context.fireErrorCaught(RawBytes.Exceeded(bound: .handshakeTooLarge))
    }
    guard isHolding || next != nil else { return context.fireChannelRead(data) }
    held.append(bytes)
    if !isHolding { wait(context) }
  }

  func read(context: ChannelHandlerContext) {
    if isHolding { wantsMore = true } else { context.read() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    isRemoved = true
    held = []
    leave()
  }

  /// Where to queue for a place, nil with all that are needed.
  private var next: Turnstile? {
    switch places.count {
    case 0: length > HandshakeRoom.smallLength ? room.answering : nil
    case 1: length > HandshakeRoom.usualLength ? room.large : nil
    default: nil
    }
  }

  private func wait(_ context: ChannelHandlerContext) {
    guard let next else { return goOn(context) }
    if heldSince == nil { heldSince = .now() }
    let before = places.count
    let loop = context.eventLoop
    let bound = NIOLoopBound((self, context), eventLoop: loop)
    isEntering = true
    next.enter { leave in
      let gate = bound.value.0
      gate.heldBefore = gate.waited
      gate.places.append(leave)
      guard !gate.isEntering else { return }
      // A turn of its own, or each that goes would carry the next one on its back.
      loop.execute {
        let (gate, context) = bound.value
        if gate.isRemoved { gate.leave() } else { gate.wait(context) }
      }
    }
    isEntering = false
    if places.count > before { wait(context) }
  }

  /// There is room for all that was held.
  private func goOn(_ context: ChannelHandlerContext) {
    heldBefore = waited
    heldSince = nil
    let pieces = held
    held = []
    for piece in pieces { context.fireChannelRead(wrapInboundOut(piece)) }
    context.fireChannelReadComplete()
    guard wantsMore, !isRemoved else { return }
    wantsMore = false
    context.read()
  }

  private func leave() {
    for leave in places.reversed() { leave() }
    places = []
  }
}
