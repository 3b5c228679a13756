internal import Glibc
internal import NIOCore

/// Stops to accept for a moment where there is no room for another descriptor.
///
/// The socket stays readable then, and the event loop would turn round and round: NIO's `AcceptBackoffHandler` puts off
/// the next read, but not the events.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel

  private static let time = TimeAmount.milliseconds(500)

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    let channel = context.channel
    channel.setOption(.autoRead, value: false).whenFailure { _ in }
    channel.eventLoop.scheduleTask(in: Self.time) {
      channel.setOption(.autoRead, value: true).whenFailure { _ in }
    }
  }
}
