internal import Configuration
internal import Sweeping
internal import Synchronization
internal import Web

/// Who may ask over HTTP: what the web config file says, read again while clients come.
///
/// As long as it cannot be used, what it said before holds; without that, nobody is let in.
package final class WebAccess: Sendable {
  private let secrets: SecretPaths
  /// Hears each time that what is wrong with the files has changed while clients come.
  private let onChange: @Sendable () -> Void
  private let state = Mutex(State())

  private struct State {
    var file: String?
    /// The names by which clients may ask where nothing else protects what they see.
    var hosts = AllowedHosts([])
    /// Nil while nobody may be let in.
    var protection: Protection?
    var fault: String?
    var lastRead: ContinuousClock.Instant?
    var isRetired = false
    /// What the protection was made of.
    var source: Source?
  }

  /// All that the files say.
  private struct Source: Hashable {
    var config: WebConfig
    var tls: ServerTLS.Material?
  }

  /// Whoever comes within this time is served by what was read for who came before.
  private static let rest = Duration.seconds(1)

  package init(_ secrets: SecretPaths, onChange: @escaping @Sendable () -> Void = {}) {
    self.secrets = secrets
    self.onChange = onChange
  }

  /// Names the web config file, nil for none, and reads it; returns what is wrong with it, nil for nothing. `hosts` are
  /// names beside the machine's own.
  package func use(_ file: String?, hosts: [String] = []) -> String? {
    let hosts = AllowedHosts(MachineNames.read() + hosts)
    return state.withLock { state in
      if state.file != file || file == nil {
        state = State(file: file, protection: file == nil ? Protection(hosts: hosts) : nil)
      }
      state.hosts = hosts
      if let source = state.source { state.protection?.hosts = Self.hosts(hosts, for: source) }
      read(&state)
      return state.fault
    }
  }

  /// What is wrong with the files; nil for nothing.
  var fault: String? { state.withLock(\.fault) }

  /// Whoever is still there is not let in any more.
  func retire() {
    state.withLock { state in
      state.isRetired = true
      state.protection = nil
    }
  }

  /// What holds for a client who comes now; nil where he may not be let in.
  func protection() -> Protection? {
    let (protection, hasChanged) = state.withLock { state -> (Protection?, Bool) in
      guard state.file != nil, !state.isRetired, state.lastRead.map({ .now - $0 >= Self.rest }) ?? true else {
        return (state.protection, false)
      }
      let before = state.fault
      read(&state)
      return (state.protection, before != state.fault)
    }
    if hasChanged { onChange() }
    return protection
  }

  private func read(_ state: inout State) {
    guard let file = state.file else { return }
    state.lastRead = .now
    do throws(LocalFailure) {
      let source = try source(file)
      state.fault = nil
      guard source != state.source else { return }
      state.protection = try protection(of: source, state.hosts)
      state.source = source
    } catch {
      state.fault = "\(error)" + (state.protection == nil ? "; nobody is let in over HTTP" : "; going on as before")
    }
  }

  private func source(_ file: String) throws(LocalFailure) -> Source {
    let path = secrets.path(of: file)
    let bytes = try secrets.read(file, as: "config_file")
    let config: WebConfig
    do throws(ConfigurationError) {
      config = try WebConfig(parsing: bytes, file: path)
    } catch {
      throw .noAccess(error.lines.joined(separator: "; "))
    }
    guard let tls = config.tls else { return Source(config: config) }
    return Source(config: config, tls: try material(tls, secrets.beside(path)))
  }

  private func material(_ tls: TLSServer, _ paths: SecretPaths) throws(LocalFailure) -> ServerTLS.Material {
    var material = ServerTLS.Material(
      certificates: try paths.read(tls.certFile, as: "cert_file"), key: try paths.read(tls.keyFile, as: "key_file"))
    switch tls.clients {
    case .notAsked: break
    case .mayShow(let file):
      material.clients = .ifGiven
      material.clientAuthorities = try paths.read(file, as: "client_ca_file")
    case .mustShow(let file, let names):
      material.clients = .required
      material.clientAuthorities = try paths.read(file, as: "client_ca_file")
      material.clientNames = Set(names)
    }
    material.isTLS13Only = tls.minVersion == .tls13
    material.isTLS12Only = tls.maxVersion == .tls12
    material.cipherSuites = tls.cipherSuites.map(\.codePoint)
    material.curves = tls.curves.map(\.codePoint)
    return material
  }

  /// Users are asked for a password, which a browser does not send to a stranger's name; and with TLS it goes on only
  /// where the certificate has the name.
  private static func hosts(_ hosts: AllowedHosts, for source: Source) -> AllowedHosts? {
    source.config.users.isEmpty && source.tls == nil ? hosts : nil
  }

  private func protection(of source: Source, _ hosts: AllowedHosts) throws(LocalFailure) -> Protection {
    let tls: ServerTLS?
    do throws(ServerTLS.Unusable) {
      tls = try source.tls.map { material throws(ServerTLS.Unusable) in try ServerTLS(material) }
    } catch {
      throw .noAccess("the web config file cannot be used: \(error)")
    }
    return Protection(
      tls: tls, users: source.config.users, headers: source.config.headers.map { (name: $0.name, value: $0.value) },
      hosts: Self.hosts(hosts, for: source))
  }
}

extension TLSServer.CipherSuite {
  /// In the registry "TLS Cipher Suites" of IANA.
  fileprivate var codePoint: UInt16 {
    switch self {
    case .ecdsaAES128CBC: 0xC009
    case .ecdsaAES256CBC: 0xC00A
    case .rsaAES128CBC: 0xC013
    case .rsaAES256CBC: 0xC014
    case .ecdsaAES128GCM: 0xC02B
    case .ecdsaAES256GCM: 0xC02C
    case .rsaAES128GCM: 0xC02F
    case .rsaAES256GCM: 0xC030
    case .rsaChaCha20: 0xCCA8
    case .ecdsaChaCha20: 0xCCA9
    }
  }
}

extension TLSServer.Curve {
  /// In the registry "TLS Supported Groups" of IANA.
  fileprivate var codePoint: UInt16 {
    switch self {
    case .p256: 0x17
    case .p384: 0x18
    case .p521: 0x19
    case .x25519: 0x1D
    }
  }
}
