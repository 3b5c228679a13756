internal import Addressing
internal import Documents

extension Reader {
  mutating func tls(_ node: Node) -> TLSSettings {
    var tls = TLSSettings()
    _ = readEntries(of: node, as: .tls, .key(JobKey.tlsConfig.rawValue)) { reader, key, node in
      switch TLSKey(rawValue: key) {
      case .caFile: tls.caFile = reader.fileName(node, key)
      case .certFile: tls.certFile = reader.fileName(node, key)
      case .keyFile: tls.keyFile = reader.fileName(node, key)
      case .serverName: tls.serverName = reader.serverName(node)
      case .insecureSkipVerify: tls.insecureSkipVerify = reader.boolean(node, key) ?? false
      case nil: break
      }
    }
    require(.certFile, with: .keyFile, in: node)
    require(.keyFile, with: .certFile, in: node)
    return tls
  }

  /// Reports a key that stands there without the other.
  private mutating func require(_ key: TLSKey, with other: TLSKey, in node: Node) {
    let entries = node.entries ?? []
    guard let entry = entries.first(where: { $0.key.text == key.rawValue }),
      !entries.contains(where: { $0.key.text == other.rawValue })
    else { return }
    report(.security(.loneFile(key.rawValue, without: other.rawValue)), at: place(of: entry.key))
  }

  mutating func basicAuth(_ node: Node) -> Credentials? {
    var username: String?
    var file: String?
    _ = readEntries(of: node, as: .basicAuth, .key(JobKey.basicAuth.rawValue)) { reader, key, node in
      switch BasicAuthKey(rawValue: key) {
      case .username: username = reader.username(node)
      case .passwordFile: file = reader.fileName(node, key)
      case nil: break
      }
    }
    guard let username, let file else { return nil }
    return .basic(username: username, passwordFile: file)
  }

  mutating func authorization(_ node: Node) -> Credentials? {
    var type: String? = "Bearer"
    var file: String?
    _ = readEntries(of: node, as: .authorization, .key(JobKey.authorization.rawValue)) { reader, key, node in
      switch AuthorizationKey(rawValue: key) {
      case .type: type = reader.authorizationType(node)
      case .credentialsFile: file = reader.fileName(node, key)
      case nil: break
      }
    }
    guard let type, let file else { return nil }
    return .authorization(type: type, credentialsFile: file)
  }

  /// Whoever writes `tls_config` believes that TLS is spoken.
  mutating func judgeSecurity(of draft: JobDraft) {
    guard draft.scheme == .http, let place = draft.tlsPlace else { return }
    report(.security(.unusedTLS), at: place)
  }

  mutating func fileName(_ node: Node, _ key: String) -> String? {
    guard let written = text(node, .key(key)) else { return nil }
    guard (1...SecurityProblem.maxPathBytes).contains(written.text.utf8.count), !written.text.hasControlCharacters
    else {
      report(.security(.fileName(key: key)), at: written.place)
      return nil
    }
    return written.text
  }

  private mutating func username(_ node: Node) -> String? {
    guard let written = text(node, .key(BasicAuthKey.username.rawValue)) else { return nil }
    guard written.text.isUsername else {
      report(.security(.username), at: written.place)
      return nil
    }
    return written.text
  }

  private mutating func authorizationType(_ node: Node) -> String? {
    guard let written = text(node, .key(AuthorizationKey.type.rawValue)) else { return nil }
    if written.text.lowercased() == "basic" {
      report(.security(.basicAsType(written.text)), at: written.place)
      return nil
    }
    let bytes = written.text.utf8
    guard (1...SecurityProblem.maxTypeBytes).contains(bytes.count), bytes.allSatisfy(\.isTokenCharacter) else {
      report(.security(.authorizationType), at: written.place)
      return nil
    }
    return written.text
  }

  private mutating func serverName(_ node: Node) -> String? {
    guard let written = text(node, .key(TLSKey.serverName.rawValue)) else { return nil }
    if Address(written.text) != nil {
      report(.security(.addressAsServerName(written.text)), at: written.place)
      return nil
    }
    guard written.text.isHostName else {
      report(.security(.serverName(written.text)), at: written.place)
      return nil
    }
    return written.text
  }
}

extension UInt8 {
  /// RFC 7230, section 3.2.6.
  fileprivate var isTokenCharacter: Bool { isAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(self) }
}

extension String {
  /// RFC 7617, section 2: the colon ends it.
  var isUsername: Bool {
    utf8.count <= SecurityProblem.maxUsernameBytes && !utf8.contains(UInt8(ascii: ":")) && !hasControlCharacters
  }

  /// RFC 1123, section 2.1, and `_`, which some have in names all the same; the last part is not a number.
  fileprivate var isHostName: Bool {
    let hyphen = UInt8(ascii: "-")
    let parts = utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return utf8.count <= 253 && parts.last?.allSatisfy(\.isDigit) == false
      && parts.allSatisfy { part in
        (1...63).contains(part.count) && part.allSatisfy { $0.isWordCharacter || $0 == hyphen }
          && part.first != hyphen && part.last != hyphen
      }
  }
}
