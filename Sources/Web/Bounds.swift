internal import Dispatch
internal import NIOCore

/// What clients may cost.
struct Bounds: Sendable {
  static let standard = Bounds()

  /// Connections that are served. A Prometheus needs one or two, a browser six.
  var connections = 64
  /// Those of one peer: the rest is for others. Behind a reverse proxy all clients are one peer.
  var connectionsOfPeer: Int { max(1, connections * 3 / 4) }
  /// With more than this a peer gives up places first.
  var fairShare: Int { max(1, connections / 4) }
  /// Connections that are told that there are too many; who comes then is hung up on.
  var refusals = 16
  /// Bytes of one request, its body included: nothing that is asked for here has one.
  var requestLength = 16 << 10
  /// Bytes of a TLS handshake: a chain of four certificates with RSA keys of 4,096 bits has 9 KiB.
  var handshakeLength = 24 << 10
  var headerCount = 100
  var targetLength = 4 << 10
  /// For the first request of a connection, a TLS handshake included, and for each other from its first byte on.
  var requestTime = TimeAmount.seconds(10)
  /// For the next one, in which a client may well have nothing to ask; Prometheus scrapes each minute.
  var idleTime = TimeAmount.seconds(75)
  /// To make an answer.
  var answerTime = TimeAmount.seconds(30)
  /// In each such time a client has to take so much of an answer, or all that is left: 16 KiB a second.
  var takeTime = TimeAmount.seconds(10)
  var takeLength = 160 << 10
  /// Bytes a second at which a client keeps its place when others need it; judged after `graceTime`.
  var fairRate = 256 << 10
  var graceTime = TimeAmount.seconds(1)
  /// To read an answer behind which the connection ends.
  var lingerTime = TimeAmount.seconds(2)
  /// Before a wrong password is answered.
  var pauseAfterWrong = TimeAmount(CheckQueue.pause)
  /// At the end of the process: for a request that was on its way, and for all answers to be taken.
  var lastRequestTime = TimeAmount.milliseconds(300)
  var finishTime = DispatchTimeInterval.milliseconds(800)
  /// Bytes of a body that are handed to a connection at once, and how much of them may wait in it.
  var pieceLength = 32 << 10
  var waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 16 << 10, high: 48 << 10)
  /// Bytes of bodies that are on their way, each counted once however many take it: of lists for Prometheus, and of all
  /// else. Short ones do not count.
  var unsentLength = 8 << 20
  var shortLength = 64 << 10
  /// File descriptors that all this takes at most, with the event loop's.
  var descriptors: Int { connections + 2 * refusals + 8 }
}
