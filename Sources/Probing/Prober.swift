package import Addressing
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Asks open endpoints what they are: one HTTP exchange each, on a connection that somebody else opened.
package final class Prober: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let userAgent: String

  /// `version` stands in the User-Agent, by which people find out who asks.
  package init(version: String) {
    userAgent = "subnet-sd/\(version)"
  }

  /// Probes a connected, non-blocking socket and closes it; `body` hears the verdict once, after the socket is closed.
  ///
  /// The whole exchange ends within `timeout`: one absolute deadline, which a peer that sends a byte now and then cannot
  /// move. `descriptor` is taken over. `body` runs on the prober's thread and must not block.
  package func probe(
    descriptor: Int32, of endpoint: Endpoint, for exporter: Exporter, timeout: Duration,
    _ body: @escaping @Sendable (Verdict) -> Void
  ) {
    let request = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: exporter.requestTarget,
      headers: [
        "Host": "\(endpoint)", "User-Agent": userAgent, "Accept": "text/plain;version=0.0.4;q=0.9,*/*;q=0.1",
        "Accept-Encoding": "identity", "Connection": "close",
      ])
    let verdict = VerdictOnce(body)
    ClientBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(ByteLimit())
          try pipeline.addHTTPClientHandlers(decoderLimitConfiguration: Self.headLimits)
          try pipeline.addHandler(
            ProbeHandler(request, Exchange(with: exporter), timeout: TimeAmount(timeout), verdict))
        }
      }
      .withConnectedSocket(descriptor)
      .whenFailure { error in
        verdict.deliver(.unfinished(.failed(errno: (error as? IOError)?.errnoCode ?? EIO)))
      }
  }

  private static let headLimits = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderListSize = Exchange.maxHeadLength
    return limits
  }()
}
