package import Documents

/// One thing that is wrong with a configuration, and where it stands.
package struct Mistake: Hashable, Sendable {
  package var place: Place
  package var problem: Problem
}

extension Mistake: CustomStringConvertible {
  /// `config.yml:18:9: ` and the sentence.
  package var description: String { "\(place): \(problem)" }
}

/// Where something was written.
package enum Place: Hashable, Sendable {
  /// No position means the file as a whole.
  case file(String, Position?)
  /// The name of a command line argument, such as `--port`.
  case argument(String)

  package var position: Position? {
    guard case .file(_, let position) = self else { return nil }
    return position
  }
}

extension Place: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let name, let position?): "\(name):\(position.line):\(position.column)"
    case .file(let name, nil): name
    case .argument(let name): name
    }
  }
}
