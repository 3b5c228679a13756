internal import Addressing
internal import Documents

/// `tls_server_config` as far as it was read, before its parts are judged together.
private struct TLSServerDraft {
  var certFile: String?
  var keyFile: String?
  /// With the place of the value; as if it were not there where it has a mistake.
  var clientAuth: (type: ClientAuthType, place: Place)?
  var clientCAFile: String?
  var allowedNames: [String] = []
  var minVersion: TLSServer.Version?
  var maxVersion: (version: TLSServer.Version, place: Place)?
  var cipherSuites: [TLSServer.CipherSuite] = []
  var curves: [TLSServer.Curve] = []
  /// Where each key stands, known or not.
  var places: [String: Place] = [:]
  /// Keys with a mistake in them; what depends on them is not judged.
  var faulty: Set<String> = []

  func isFaulty(_ keys: TLSServerKey...) -> Bool { !faulty.isDisjoint(with: keys.map(\.rawValue)) }
}

/// What clients are asked for; the raw value is Go's name for it.
private enum ClientAuthType: String, CaseIterable {
  case noClientCert = "NoClientCert"
  case verifyIfGiven = "VerifyClientCertIfGiven"
  case requireAndVerify = "RequireAndVerifyClientCert"

  /// Those that the exporter toolkit takes beside, the last one an old spelling of the second.
  static let unverified = ["RequestClientCert", "RequireAnyClientCert", "RequireClientCert"]
}

extension Reader {
  mutating func tlsServer(_ node: Node) -> TLSServer? {
    var draft = TLSServerDraft()
    let subject = FormProblem.Subject.key(WebFileKey.tlsServerConfig.rawValue)
    draft.faulty = readEntries(of: node, as: .tlsServer, subject) { reader, key, node in
      if let key = TLSServerKey(rawValue: key) { reader.read(key, node, into: &draft) }
    }
    for entry in node.entries ?? [] {
      if let key = entry.key.text { draft.places[key] = place(of: entry.key) }
    }
    judgeClients(of: draft)
    judgeVersions(of: draft)
    guard let certFile = draft.certFile, let keyFile = draft.keyFile else { return nil }
    var server = TLSServer(certFile: certFile, keyFile: keyFile)
    server.clients = draft.clients
    server.minVersion = draft.minVersion ?? server.minVersion
    server.maxVersion = draft.maxVersion?.version ?? server.maxVersion
    server.cipherSuites = draft.cipherSuites
    server.curves = draft.curves
    return server
  }

  private mutating func read(_ key: TLSServerKey, _ node: Node, into draft: inout TLSServerDraft) {
    let name = key.rawValue
    switch key {
    case .certFile: draft.certFile = fileName(node, name)
    case .keyFile: draft.keyFile = fileName(node, name)
    case .clientAuthType: draft.clientAuth = clientAuthType(node).map { ($0, place(of: node)) }
    case .clientCAFile: draft.clientCAFile = fileName(node, name)
    case .clientAllowedSANs: draft.allowedNames = allowedNames(node)
    case .minVersion: draft.minVersion = version(node, name)
    case .maxVersion: draft.maxVersion = version(node, name).map { ($0, place(of: node)) }
    case .cipherSuites: draft.cipherSuites = words(node, name).compactMap { cipherSuite($0) }
    case .curvePreferences: draft.curves = words(node, name).compactMap { choice($0, name) }
    case .preferServerCipherSuites:
      // BoringSSL goes by the client unless SSL_OP_CIPHER_SERVER_PREFERENCE is set, which swift-nio-ssl does not.
      if boolean(node, name) == true { report(.web(.serverOrder), at: place(of: node)) }
    }
  }

  private mutating func clientAuthType(_ node: Node) -> ClientAuthType? {
    let key = TLSServerKey.clientAuthType.rawValue
    guard let written = text(node, .key(key)) else { return nil }
    if ClientAuthType.unverified.contains(written.text) {
      report(.web(.unverifiedClients(written.text)), at: written.place)
      return nil
    }
    return choice(written, key)
  }

  private mutating func version(_ node: Node, _ key: String) -> TLSServer.Version? {
    guard let written = text(node, .key(key)) else { return nil }
    if ["TLS10", "TLS11"].contains(written.text) {
      report(.web(.oldVersion(written.text)), at: written.place)
      return nil
    }
    return choice(written, key)
  }

  private mutating func cipherSuite(_ written: Written) -> TLSServer.CipherSuite? {
    if let suite = TLSServer.CipherSuite(rawValue: written.text) { return suite }
    let ofTLS13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    let isOfTLS13 = ofTLS13.contains(written.text)
    report(.web(isOfTLS13 ? .chosenForTLS13(written.text) : .cipherSuite(written.text)), at: written.place)
    return nil
  }

  /// The words of a list, each once; without any it is as if the list were not there.
  private mutating func words(_ node: Node, _ key: String) -> [Written] {
    let items = items(of: node, key: key, mayBeEmpty: true) ?? []
    return unique(items.compactMap { text($0, .item(of: key)) })
  }

  /// Addresses as they are compared: in the one form that certificates' are printed in.
  private mutating func allowedNames(_ node: Node) -> [String] {
    let key = TLSServerKey.clientAllowedSANs.rawValue
    let items = items(of: node, key: key, atMost: WebProblem.maxClientNames) ?? []
    return unique(items.compactMap { text($0, .item(of: key)) }).compactMap { written in
      guard (1...WebProblem.maxClientNameBytes).contains(written.text.utf8.count), !written.text.hasControlCharacters
      else {
        report(.web(.clientName), at: written.place)
        return nil
      }
      return Address(written.text)?.description ?? written.text
    }
  }

  private mutating func judgeClients(of draft: TLSServerDraft) {
    guard !draft.isFaulty(.clientAuthType) else { return }
    let type = draft.clientAuth?.type ?? .noClientCert
    let file = TLSServerKey.clientCAFile.rawValue
    let names = TLSServerKey.clientAllowedSANs.rawValue
    // Authorities written out are a mistake of their own.
    let hasAuthorities = draft.places.keys.contains { (Section.tlsServer.filesInstead[$0] ?? $0) == file }
    if let auth = draft.clientAuth, type != .noClientCert, !hasAuthorities {
      report(.web(.noAuthorities(type.rawValue)), at: auth.place)
    }
    if type == .noClientCert, let place = draft.places[file] {
      report(.web(.uselessWithoutClients(file)), at: place)
    }
    if type != .requireAndVerify, let place = draft.places[names] {
      report(.web(.uselessWithoutClients(names)), at: place)
    }
  }

  private mutating func judgeVersions(of draft: TLSServerDraft) {
    guard !draft.isFaulty(.minVersion, .maxVersion), draft.minVersion == .tls13 else { return }
    if let (version, place) = draft.maxVersion, version == .tls12 {
      report(.web(.versions(.tls13, above: version)), at: place)
    } else if !draft.cipherSuites.isEmpty, let place = draft.places[TLSServerKey.cipherSuites.rawValue] {
      report(.web(.uselessCipherSuites), at: place)
    }
  }
}

extension TLSServerDraft {
  fileprivate var clients: TLSServer.Clients {
    switch (clientAuth?.type, clientCAFile) {
    case (.verifyIfGiven, let file?): .mayShow(caFile: file)
    case (.requireAndVerify, let file?): .mustShow(caFile: file, allowedNames: allowedNames)
    default: .notAsked
    }
  }
}
