internal import Dispatch
package import Files
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// What all conversations share.
struct Desk: Sendable {
  let backend: Backend
  let statistics: Statistics
  let table: ConnectionTable
  let passwords: Passwords
  let bounds: Bounds

  init(_ backend: Backend, _ bounds: Bounds) {
    self.backend = backend
    self.bounds = bounds
    statistics = Statistics()
    table = ConnectionTable(statistics, bounds)
    passwords = Passwords()
  }
}

/// Where clients connect.
package enum Listener: Hashable, Sendable {
  /// Numbers, no names; `::` for all addresses.
  case tcp(address: String, port: Int)
  case unix(path: String)
  /// A listening socket of the service manager's, taken over.
  case inherited(Int32)
}

/// A socket's name in the file system, removed when its listener ends.
private final class SocketFile {
  private let place: SocketPlace

  init(_ place: consuming SocketPlace) { self.place = place }

  deinit { place.removeOwn() }
}

/// Answers HTTP on one thread of its own: bounded in connections, bytes and time, whoever asks.
package final class WebServer {
  /// What was in the way of listening.
  package struct CannotListen: Error, Hashable, Sendable {
    package let errno: Int32
    /// What is in the way, where that is a link of another user.
    package var link: FileError?

    fileprivate static func wrapping<Result: ~Copyable>(
      _ body: () throws(FileError) -> Result
    ) throws(CannotListen) -> Result {
      do throws(FileError) {
        return try body()
      } catch {
        if case .linkOfAnother = error { throw CannotListen(errno: error.errno, link: error) }
        throw CannotListen(errno: error.errno)
      }
    }
  }

  /// How many descriptors it may take.
  package static let descriptors = Bounds.standard.descriptors

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let desk: Desk
  private var channel: (any Channel)?
  private var current: (listener: Listener, protection: @Sendable () -> Protection?)?
  private var socketFile: SocketFile?

  package convenience init(_ backend: Backend) { self.init(backend, .standard) }

  init(_ backend: Backend, _ bounds: Bounds) { desk = Desk(backend, bounds) }

  deinit {
    end()
    group.shutdownGracefully { _ in }
  }

  /// Listens here from now on, and no longer where it did; where that cannot be, all stays as it was.
  ///
  /// `protection` is asked for each client who comes here and for each of his requests, on the server's thread; without
  /// any, nobody is let in.
  package func listen(
    at listener: Listener, protection: @escaping @Sendable () -> Protection?
  ) throws(CannotListen) {
    let (new, file) = try channel(at: listener, protection)
    try? channel?.close().wait()
    channel = new
    current = (listener, protection)
    socketFile = file
  }

  /// A listening channel. One that listens on the port already, on another address, may have to give way, and is put
  /// back where that was in vain.
  private func channel(
    at listener: Listener, _ protection: @escaping @Sendable () -> Protection?
  ) throws(CannotListen) -> (any Channel, SocketFile?) {
    do throws(CannotListen) {
      return try bind(listener, protection)
    } catch {
      guard error.errno == EADDRINUSE, let current, case .tcp(_, let port) = listener,
        case .tcp(let before, _) = current.listener, self.port == port
      else { throw error }
      try? channel?.close().wait()
      do throws(CannotListen) {
        return try bind(listener, protection)
      } catch {
        channel = try? bind(.tcp(address: before, port: port), current.protection).0
        throw error
      }
    }
  }

  private func end() {
    try? channel?.close().wait()
    forget()
  }

  private func forget() {
    channel = nil
    current = nil
    socketFile = nil
  }

  /// Lets nobody connect any more, and answers who has asked already; `body` is called once, when that is done, within
  /// a second.
  package func finish(_ body: @escaping @Sendable () -> Void) {
    let (last, loop, table) = (Once(body), group.next(), desk.table)
    let closed = channel?.close() ?? loop.makeSucceededVoidFuture()
    forget()
    closed.whenComplete { _ in
      // Who was let in by then is in the table a moment later.
      loop.scheduleTask(in: .milliseconds(20)) {
        let channels = table.channels
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        EventLoopFuture<Void>.andAllComplete(channels.map(\.closeFuture), on: loop).whenComplete { _ in last.run() }
      }
    }
    // Whatever the loop has to do. Not on a global queue, whose threads Dispatch counts each second from then on.
    DispatchQueue(label: "web's end").asyncAfter(deadline: .now() + desk.bounds.finishTime) { last.run() }
  }

  /// The port it listens on; nil where it has none.
  package var port: Int? { channel?.localAddress?.port }

  /// Where it listens, as one would write it; nil where it does not.
  package var place: String? {
    guard let address = channel?.localAddress else { return nil }
    if case .unix(let path) = current?.listener { return "unix:\(path)" }
    if let path = address.pathname { return "unix:\(path)" }
    guard let ip = address.ipAddress, let port = address.port else { return nil }
    return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }

  private func bind(
    _ listener: Listener, _ protection: @escaping @Sendable () -> Protection?
  ) throws(CannotListen) -> (any Channel, SocketFile?) {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
      }
      // Small reads: nobody has much to say, and many may be saying it.
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4 << 10))
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.writeBufferWaterMark, value: desk.bounds.waterMark)
      // Who has asked and says no more waits for the answer.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { [desk] channel in
        channel.eventLoop.makeCompletedFuture { try Self.receive(channel, desk, protection) }
      }
    do {
      switch listener {
      case .tcp(let address, let port):
        return (try bootstrap.bind(to: SocketAddress(ipAddress: address, port: port)).wait(), nil)
      case .unix(let path):
        let (descriptor, file) = try Self.socket(at: path)
        return (try bootstrap.withBoundSocket(descriptor).wait(), file)
      case .inherited(let descriptor): return (try bootstrap.withBoundSocket(descriptor).wait(), nil)
      }
    } catch let error as CannotListen {
      throw error
    } catch {
      throw CannotListen(errno: (error as? IOError)?.errnoCode ?? EINVAL)
    }
  }

  /// A socket with a name in the file system, for who is of the user or the group, as the control socket.
  private static func socket(at path: String) throws(CannotListen) -> (Int32, SocketFile) {
    var place = try CannotListen.wrapping { () throws(FileError) in try SocketPlace(path) }
    // A socket at which another process listens is not ours to replace.
    guard !place.isTaken else { throw CannotListen(errno: EADDRINUSE) }
    let socket = Descriptor(owning: SocketPath.newSocket())
    guard socket.number >= 0 else { throw CannotListen(errno: errno) }
    let status = place.bind(socket.number)
    guard status == 0 else { throw CannotListen(errno: status) }
    return (socket.release(), SocketFile(place))
  }

  private static func receive(
    _ channel: any Channel, _ desk: Desk, _ protection: @escaping @Sendable () -> Protection?
  ) throws {
    let admission = desk.table.admit(channel)
    guard admission != .ignored, let now = protection() else {
      if admission != .ignored { desk.table.leave(channel, after: admission) }
      throw ChannelError.inappropriateOperationForState
    }
    channel.closeFuture.whenComplete { _ in desk.table.leave(channel, after: admission) }
    let pipeline = channel.pipeline.syncOperations
    guard admission == .served else {
      guard now.tls == nil else { throw ChannelError.inappropriateOperationForState }
      return try pipeline.addHandler(Refusal(lingerTime: desk.bounds.lingerTime))
    }
    let doorstep = Doorstep(atMost: now.tls == nil ? nil : desk.bounds.handshakeLength)
    try pipeline.addHandler(doorstep)
    if let tls = now.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
    let bound = RequestBound(desk.bounds.requestLength)
    try pipeline.addHandlers(
      bound, ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)), HTTPResponseEncoder(),
      Conversation(at: desk, from: now, protection, bound, doorstep))
  }
}

/// What is done once, whoever asks first.
private final class Once: Sendable {
  private let body: Mutex<(@Sendable () -> Void)?>

  init(_ body: @escaping @Sendable () -> Void) { self.body = Mutex(body) }

  func run() { body.withLock { $0.take() }?() }
}

/// Says that there are too many clients, and hangs up.
private final class Refusal: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let answer = """
    HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 27\r\n\
    Retry-After: 1\r\nConnection: close\r\n\r\ntoo many clients are served\r\n
    """

  private let lingerTime: TimeAmount

  init(lingerTime: TimeAmount) {
    self.lingerTime = lingerTime
  }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer)), promise: nil)
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: lingerTime) { context.close(promise: nil) }
  }

  /// What he sends is thrown away.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
  }
}
