package import Addressing
package import Exporters
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Asks open endpoints what they are, on connections that somebody else opened.
package final class Prober: Sendable {
  /// How to ask an endpoint.
  package struct Question: Sendable {
    /// Request targets, asked one after the other until one proves something; at least one.
    package var targets: [String]
    package var search: Search
    /// Nil for plain HTTP.
    package var tls: TLSClient?
    /// The value of `Authorization`.
    package var authorization: String?

    package init(_ targets: [String], _ search: Search, tls: TLSClient? = nil, authorization: String? = nil) {
      self.targets = targets
      self.search = search
      self.tls = tls
      self.authorization = authorization
    }

    var credentials: CredentialUse { authorization == nil ? .none : .sent }
  }

  /// What came of it.
  package struct Answer: Sendable {
    /// One for each of the targets that were asked, at least one.
    package var verdicts: [Verdict]
    /// What the peer calls itself, from its last answer.
    package var server: String?
  }

  /// What happens on the way, for whoever wants to follow it; on the prober's thread.
  package enum Step: Hashable, Sendable {
    case secured
    case asked(target: String)
    case answered(status: Int, contentType: String?)
    case proved(family: String)
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let userAgent: String
  private let room = HandshakeRoom()
  private let load = LoopLoad()
  private let requests = RequestCount()

  /// `version` stands in the User-Agent, by which people find out who asks.
  package init(version: String) {
    userAgent = "subnet-sd/\(version)"
  }

  /// How many requests it has sent.
  package var requestsSent: UInt64 { requests.value }

  deinit { group.shutdownGracefully { _ in } }

  /// Asks on a connected, non-blocking socket and closes it; `body` hears the answer once, after the socket is closed.
  ///
  /// Everything, a TLS handshake included, ends within `timeout`: one deadline, which a peer that sends a byte now and then
  /// cannot move. Where this machine had no time to listen, the peer is given as much more, up to three times `timeout` in
  /// all; what did not come even then is `overloaded`. Of those with TLS only so many are under way as `HandshakeRoom` has
  /// places; the time of others begins when it is their turn. `descriptor` is taken over. `body` runs on the prober's thread and must not block.
  package func ask(
    _ question: Question, descriptor: Int32, of endpoint: Endpoint, timeout: Duration,
    trace: (@Sendable (Step) -> Void)? = nil, _ body: @escaping @Sendable (Answer) -> Void
  ) {
    guard question.tls != nil else {
      return begin(question, descriptor: descriptor, of: endpoint, timeout: timeout, trace: trace, AnswerOnce(body))
    }
    let arrival = ContinuousClock.now
    room.connections.enter { [self] leave in
      let hasWaited = ContinuousClock.now - arrival > Self.courtesy
      let answer = AnswerOnce { answer in
        leave()
        body(hasWaited ? answer.afterWaiting : answer)
      }
      begin(question, descriptor: descriptor, of: endpoint, timeout: timeout, trace: trace, answer)
    }
  }

  /// Who is greeted only after this may have gone for that very reason.
  private static let courtesy = Duration.seconds(1)

  private func begin(
    _ question: Question, descriptor: Int32, of endpoint: Endpoint, timeout: Duration,
    trace: (@Sendable (Step) -> Void)?, _ answer: AnswerOnce
  ) {
    var headers: HTTPHeaders = [
      "Host": "\(endpoint)", "User-Agent": userAgent,
      "Accept": "text/plain;version=0.0.4;q=0.9,*/*;q=0.1", "Accept-Encoding": "identity",
    ]
    if let authorization = question.authorization { headers.add(name: "Authorization", value: authorization) }
    ClientBootstrap(group: group)
      // Who sends without an end gets no more memory for it: NIO's own allocator goes up to 64 KiB a connection.
      .channelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(
          minimum: RawBytes.fullRead, initial: 2 << 10, maximum: 8 << 10)
      )
      // Each has its turn after one piece of another, however costly that is.
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelInitializer { [headers, requests, room, load] channel in
        channel.eventLoop.makeCompletedFuture {
          try Self.equip(
            channel, for: question, headers: headers, timeout: timeout, room: room, load: load, trace: trace, answer,
            requests)
        }
      }
      .withConnectedSocket(descriptor)
      .whenFailure { error in
        let errno = (error as? IOError)?.errnoCode ?? EIO
        answer.deliver(Answer(verdicts: [.unfinished(.failed(errno: errno))]))
      }
  }

  /// Gives a channel all that a question needs; on the channel's loop.
  static func equip(
    _ channel: any Channel, for question: Question, headers: HTTPHeaders, timeout: Duration,
    room: HandshakeRoom, load: LoopLoad, trace: (@Sendable (Step) -> Void)?, _ answer: AnswerOnce,
    _ requests: RequestCount
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    let gate = question.tls.map { _ in HandshakeGate(room) }
    if let gate { try pipeline.addHandler(gate) }
    let raw = RawBytes(exchanges: question.targets.count, isPlain: question.tls == nil, load: load)
    try pipeline.addHandler(raw)
    if let tls = question.tls { try pipeline.addHandler(tls.handler()) }
    let interim = InterimBound()
    try pipeline.addHandler(interim)
    try pipeline.addHTTPClientHandlers(decoderLimitConfiguration: headLimits)
    try pipeline.addHandler(
      ProbeHandler(
        question, headers: headers, timeout: TimeAmount(timeout), gate: gate, raw: raw, interim: interim, trace: trace,
        answer, requests))
  }

  private static let headLimits = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderListSize = Exchange.maxHeadLength
    return limits
  }()
}

extension Prober.Answer {
  /// This, of a peer that was greeted late: if it went without a byte, that says nothing of it.
  fileprivate var afterWaiting: Self {
    guard verdicts == [.unfinished(.closed)] || verdicts == [.unfinished(.reset)] else { return self }
    return Self(verdicts: [.unfinished(.overloaded)], server: server)
  }
}
