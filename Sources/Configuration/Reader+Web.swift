internal import Addressing
internal import Documents

extension Reader {
  /// Reads how the daemon can be asked.
  mutating func read(web node: Node) {
    _ = readEntries(of: node, as: .web, .key(FileKey.web.rawValue)) { reader, key, node in
      switch WebKey(rawValue: key) {
      case .listenAddress:
        reader.settings.web.listenAddress = reader.listenAddress(node) ?? reader.settings.web.listenAddress
      case .configFile:
        // As with an exporter's flag, an empty name means that there is none.
        if node.text != "" { reader.settings.web.configFile = reader.fileName(node, key) }
      case .enableLifecycle:
        reader.settings.web.enableLifecycle = reader.boolean(node, key) ?? false
      case .allowedHosts: reader.settings.web.allowedHosts = reader.allowedHosts(node)
      case nil: break
      }
    }
  }

  private mutating func allowedHosts(_ node: Node) -> [String] {
    let key = WebKey.allowedHosts.rawValue
    let items = items(of: node, key: key, mayBeEmpty: true, atMost: WebProblem.maxAllowedHosts) ?? []
    return unique(items.compactMap { text($0, .item(of: key)) }).compactMap { written in
      guard written.text.isHostName else {
        report(.web(.allowedHost(written.text)), at: written.place)
        return nil
      }
      return written.text.lowercased()
    }
  }

  private mutating func listenAddress(_ node: Node) -> ListenAddress? {
    guard let written = text(node, .key(WebKey.listenAddress.rawValue)) else { return nil }
    guard let address = ListenAddress(written.text) else {
      report(.web(problem(ofListenAddress: written.text)), at: written.place)
      return nil
    }
    return address
  }

  private func problem(ofListenAddress text: String) -> WebProblem {
    if text.hasPrefix(ListenAddress.unixPrefix) { return .unixPath }
    guard let colon = text.lastIndex(of: ":"), let instead = Endpoint("127.0.0.1\(text[colon...])"),
      text[..<colon].contains(where: { $0.isLetter }), !text[..<colon].contains(where: { ":[]/".contains($0) })
    else { return .listenAddress(text) }
    return .hostName(text, instead: "\(instead)")
  }
}

extension String {
  /// Whether it may stand in `Host` as a name: labels of letters, digits, `-` and `_` with dots between them (RFC 1035,
  /// section 2.3.4).
  fileprivate var isHostName: Bool {
    let labels = split(separator: ".", omittingEmptySubsequences: false)
    return utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.utf8.allSatisfy { $0.isWordCharacter || $0 == UInt8(ascii: "-") }
      }
  }
}
