internal import Dispatch
internal import NIOCore

/// What clients may cost.
struct Bounds: Sendable {
  static let standard = Bounds()

  /// Connections that are served. A Prometheus needs one or two, a browser six.
  var connections = 64
  /// Connections that are told that there are too many; who comes then is hung up on.
  var refusals = 16
  /// Bytes of one request, its body included: nothing that is asked for here has one.
  var requestLength = 16 << 10
  var headerCount = 100
  var targetLength = 4 << 10
  /// For the first request of a connection, a TLS handshake included.
  var requestTime = TimeAmount.seconds(10)
  /// For the next one, in which a client may well have nothing to ask; Prometheus scrapes each minute.
  var idleTime = TimeAmount.seconds(75)
  /// To make an answer and to take it.
  var answerTime = TimeAmount.seconds(30)
  /// To read an answer behind which the connection ends.
  var lingerTime = TimeAmount.seconds(2)
  /// At the end of the process: for a request that was on its way, and for all answers to be taken.
  var lastRequestTime = TimeAmount.milliseconds(300)
  var finishTime = DispatchTimeInterval.milliseconds(800)
  /// Bytes of answers that wait for slow readers, all connections together, but for short ones.
  var unsentLength = 8 << 20
  var shortLength = 64 << 10
  /// Passwords that wait to be checked.
  var passwords = 4
  /// File descriptors that all this takes at most, with the event loop's.
  var descriptors: Int { connections + 2 * refusals + 8 }
}
