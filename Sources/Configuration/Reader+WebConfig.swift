internal import Documents

extension Reader {
  /// Reads a whole web config file.
  mutating func webConfig(_ root: Node) -> WebConfig {
    var config = WebConfig()
    if root.isNull { return config }
    _ = readEntries(of: root, as: .webFile, .file) { reader, key, node in
      switch WebFileKey(rawValue: key) {
      // Where all in these two is commented out, TLS or users were meant: nothing would protect what is asked.
      case .tlsServerConfig: config.tls = reader.tlsServer(node)
      case .basicAuthUsers: config.users = reader.users(node)
      case .httpServerConfig: if !node.isNull { config.headers = reader.httpServer(node) }
      case nil: break
      }
    }
    return config
  }

  private mutating func httpServer(_ node: Node) -> [WebConfig.Header] {
    var headers: [WebConfig.Header] = []
    let subject = FormProblem.Subject.key(WebFileKey.httpServerConfig.rawValue)
    _ = readEntries(of: node, as: .httpServer, subject) { reader, key, node in
      switch HTTPServerKey(rawValue: key) {
      case .http2:
        if reader.boolean(node, key) == true { reader.report(.web(.http2), at: reader.place(of: node)) }
      case .headers: if !node.isNull { headers = reader.headers(node) }
      case nil: break
      }
    }
    return headers
  }

  private mutating func headers(_ node: Node) -> [WebConfig.Header] {
    var headers: [WebConfig.Header] = []
    _ = readEntries(of: node, as: .headers, .key(HTTPServerKey.headers.rawValue)) { reader, key, node in
      guard let known = HeaderKey(rawValue: key), let written = reader.text(node, .key(key)) else { return }
      if let problem = reader.problem(of: known, value: written.text) { reader.report(problem, at: written.place) }
      headers.append(WebConfig.Header(name: key, value: written.text))
    }
    return headers
  }

  private func problem(of header: HeaderKey, value: String) -> Problem? {
    if let known = header.knownValues {
      return known.contains(value) ? nil : .value(.choice(value, key: header.rawValue, known: known))
    }
    let space = UInt8(ascii: " ")
    let bytes = value.utf8
    let isPrintable = bytes.allSatisfy { (space...UInt8(ascii: "~")).contains($0) }
    guard isPrintable, (1...WebProblem.maxHeaderBytes).contains(bytes.count), bytes.first != space,
      value.utf8.last != space
    else { return .web(.headerValue(header.rawValue)) }
    return nil
  }

  private mutating func users(_ node: Node) -> [String: String] {
    let key = WebFileKey.basicAuthUsers.rawValue
    if node.isNull || node.entries?.isEmpty == true {
      report(.web(.noUsers), at: place(of: node))
      return [:]
    }
    if let count = node.entries?.count, count > WebProblem.maxUsers {
      report(.tooManyItems(key, count: count, limit: WebProblem.maxUsers), at: node)
      return [:]
    }
    var users: [String: String] = [:]
    for (name, entry) in uniqueEntries(of: node, .key(key)) ?? [] {
      if !name.isUsername || name.isEmpty { report(.web(.userName), at: place(of: entry.key)) }
      users[name] = passwordHash(entry.value)
    }
    return users
  }

  private mutating func passwordHash(_ node: Node) -> String? {
    guard let written = text(node, .passwordHash) else { return nil }
    guard let hash = BcryptHash(written.text) else {
      report(.web(.hash), at: written.place)
      return nil
    }
    guard hash.cost <= BcryptHash.maxCost else {
      report(.web(.cost(hash.cost)), at: written.place)
      return nil
    }
    return written.text
  }
}
