internal import Addressing

/// The names by which a request may ask for this daemon.
///
/// A web page of a stranger can have a name of its own point to this machine (DNS rebinding): the browser then lets the
/// page read the answers, and its requests have that name in `Host`. A page cannot do so with an address.
package struct AllowedHosts: Hashable, Sendable {
  /// In lower case, without a final dot.
  private let names: Set<String>

  package init(_ names: some Sequence<String>) {
    self.names = Set(names.map { Self.normal($0) })
  }

  /// Whether the value of a `Host` field is an address, `localhost` or a name below it, or one of the names, with a port
  /// or without. No browser leaves the field out or empty, so that this is allowed.
  func admits(_ host: String?) -> Bool {
    guard let host, !host.isEmpty else { return true }
    guard let name = Self.name(of: host) else { return false }
    if Address(name) != nil { return true }
    let normal = Self.normal(name)
    return normal == "localhost" || normal.hasSuffix(".localhost") || names.contains(normal)
  }

  /// What stands before the port; nil for what has no such form (RFC 9110, section 7.2).
  private static func name(of host: String) -> Substring? {
    guard host.hasPrefix("[") else {
      let parts = host.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count == 1 || parts.count == 2 && parts[1].utf8.allSatisfy(\.isDigit) ? parts[0] : nil
    }
    guard let end = host.firstIndex(of: "]") else { return nil }
    let inside = host[host.index(after: host.startIndex)..<end]
    let rest = host[host.index(after: end)...]
    guard rest.isEmpty || rest.hasPrefix(":") && rest.utf8.dropFirst().allSatisfy(\.isDigit),
      case .v6? = Address(inside)
    else { return nil }
    return inside
  }

  private static func normal(_ name: some StringProtocol) -> String {
    let name = name.lowercased()
    return name.hasSuffix(".") ? String(name.dropLast()) : name
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
