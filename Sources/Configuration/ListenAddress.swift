package import Addressing

/// Where the daemon is asked over HTTP.
package enum ListenAddress: Hashable, Sendable {
  case off
  case tcp(Endpoint)
  /// Every address of the machine, IPv4 and IPv6.
  case everywhere(port: UInt16)
  /// The absolute path of a socket.
  case unix(String)

  /// Only this machine can ask. Exporters of long standing have the port from 9100 up, and 19100 is free.
  package static let standard = tcp(Endpoint(address: .v4(0x7F00_0001), port: 19100))

  /// `sun_path` has 108 bytes (unix(7)), the last of them a NUL.
  static let maxPathBytes = 107
  static let unixPrefix = "unix:"

  /// Parses `HOST:PORT`, where the host is an address or missing, `unix:/PATH`, or nothing for `off`.
  package init?(_ text: String) {
    if text.isEmpty {
      self = .off
    } else if text.hasPrefix(Self.unixPrefix) {
      let path = text.dropFirst(Self.unixPrefix.count)
      guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count <= Self.maxPathBytes,
        !text.hasControlCharacters
      else { return nil }
      self = .unix(String(path))
    } else if text.hasPrefix(":") {
      // Any host will do to read what follows.
      guard let endpoint = Endpoint("0.0.0.0\(text)") else { return nil }
      self = .everywhere(port: endpoint.port)
    } else {
      guard let endpoint = Endpoint(text) else { return nil }
      self = .tcp(endpoint)
    }
  }
}

extension ListenAddress: CustomStringConvertible {
  /// As it would be written in a configuration.
  package var description: String {
    switch self {
    case .off: ""
    case .tcp(let endpoint): endpoint.description
    case .everywhere(let port): ":\(port)"
    case .unix(let path): Self.unixPrefix + path
    }
  }
}
