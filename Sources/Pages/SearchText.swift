internal import Addressing

/// What is searched for: an address, an endpoint or a prefix stands for just that; anything else is a part of what is
/// written, in upper or lower case.
struct SearchText {
  private enum Form {
    case everything
    case endpoint(Endpoint)
    case prefix(Prefix)
    case part([UInt8])
  }

  private let form: Form

  init(_ text: String) {
    let words = text.split(separator: " ")
    let text = words.joined(separator: " ")
    if text.isEmpty {
      form = .everything
    } else if let endpoint = Endpoint(text) {
      form = .endpoint(endpoint)
    } else if let address = Address(text) {
      form = .prefix(Prefix(containing: address, length: address.bitWidth))
    } else if let prefix = Prefix(text: text) {
      form = .prefix(prefix)
    } else {
      form = .part(Array(text.lowercased().utf8))
    }
  }

  func matches(_ endpoint: Endpoint, _ texts: @autoclosure () -> [String?]) -> Bool {
    switch form {
    case .everything: true
    case .endpoint(let wanted): endpoint == wanted
    case .prefix(let prefix): prefix.contains(endpoint.address)
    case .part(let part): endpoint.description.contains(part) || texts().contains { $0?.contains(part) == true }
    }
  }
}

extension String {
  /// Whether its lower-case form contains `part`, which is in lower case and not empty.
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    let text = Array(lowercased().utf8)
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { start in
      text[start] == part[0] && text[start..<(start + part.count)].elementsEqual(part)
    }
  }
}
