internal import Addressing
internal import Configuration
internal import Dispatch
internal import Files
internal import Glibc
internal import Web

/// The door for HTTP clients: where it is, and whether it is open.
struct WebFront {
  enum Change {
    case unchanged
    case listening(String)
    case closed
  }

  private let secrets: SecretPaths
  private let retry: OneShotTimer
  private let post: @Sendable (DaemonEvent) -> Void
  /// A listening socket of the service manager's; it is kept, as nobody else may listen there while the manager does.
  private let inherited: Int32?
  private var server: WebServer?
  private var isOpen = false
  private var address = ListenAddress.off
  private var access: WebAccess
  private var listenFault: String?
  /// What is wrong with the web config file.
  private var configFault: String?

  private static let retryInterval = Duration.seconds(5)

  init(
    on queue: DispatchQueue, _ secrets: SecretPaths, inherited: Int32?, post: @escaping @Sendable (DaemonEvent) -> Void
  ) {
    self.secrets = secrets
    self.inherited = inherited
    self.post = post
    retry = OneShotTimer(on: queue) { post(.listenDue) }
    access = WebAccess(secrets)
  }

  var fault: String? {
    let faults = [listenFault, configFault].compactMap(\.self)
    return faults.isEmpty ? nil : faults.joined(separator: "; ")
  }

  /// Opens, moves or closes the door as the settings say; where it cannot be opened, it is tried again later, and stays
  /// meanwhile where it is, for whom it let in there.
  mutating func open(_ new: WebSettings, _ backend: Backend) -> Change {
    guard new.listenAddress != .off else {
      (address, listenFault, configFault) = (.off, nil, nil)
      guard isOpen else { return .unchanged }
      isOpen = false
      access.retire()
      server?.finish {}
      return .closed
    }
    // An inherited socket is where it is, whatever the address.
    if isOpen, inherited != nil || new.listenAddress == address {
      listenFault = nil
      configFault = access.use(new.configFile, hosts: new.allowedHosts)
      return .unchanged
    }
    return listen(new, backend)
  }

  private mutating func listen(_ new: WebSettings, _ backend: Backend) -> Change {
    let server = self.server ?? WebServer(backend)
    // Its own, as who may ask here might not have been asked for anything there.
    let access = WebAccess(secrets) { [post] in post(.webConfigRead) }
    let fault = access.use(new.configFile, hosts: new.allowedHosts)
    do throws(WebServer.CannotListen) {
      if let inherited {
        try server.listen(at: .inherited(fcntl(inherited, F_DUPFD_CLOEXEC, 0))) { access.protection() }
      } else {
        try listen(server, new.listenAddress, access)
      }
    } catch {
      self.server = server
      let reason = unsafe error.link.map(\.description) ?? String(cString: strerror(error.errno))
      listenFault = "cannot listen to HTTP on \(new.listenAddress): \(reason)"
      retry.fire(in: Self.retryInterval)
      return .unchanged
    }
    self.access.retire()
    (self.server, self.access, address, isOpen) = (server, access, new.listenAddress, true)
    (listenFault, configFault) = (nil, fault)
    return .listening(server.place ?? "\(address)")
  }

  private func listen(
    _ server: WebServer, _ address: ListenAddress, _ access: WebAccess
  ) throws(WebServer.CannotListen) {
    let protection = { @Sendable in access.protection() }
    switch address {
    case .off: preconditionFailure("nobody listens there")
    case .tcp(let endpoint):
      try server.listen(at: .tcp(address: "\(endpoint.address)", port: Int(endpoint.port)), protection: protection)
    case .everywhere(let port):
      do throws(WebServer.CannotListen) {
        try server.listen(at: .tcp(address: "::", port: Int(port)), protection: protection)
      } catch  where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errno) {
        // A kernel without IPv6.
        try server.listen(at: .tcp(address: "0.0.0.0", port: Int(port)), protection: protection)
      }
    case .unix(let path): try server.listen(at: .unix(path: path), protection: protection)
    }
  }

  /// Hears that the web config file was read with another outcome.
  mutating func noteConfig() {
    if isOpen { configFault = access.fault }
  }

  /// Lets nobody connect any more, and posts `.finished` when all have their answers.
  func finish() {
    guard let server else { return post(.finished) }
    server.finish { [post] in post(.finished) }
  }
}
