package import Documents

/// What is wrong with a configuration; `description` is the sentence to show, without the place it stands at.
package enum Problem: Hashable, Sendable {
  case document(DocumentError)
  case form(FormProblem)
  case value(ValueProblem)
  case addresses(AddressProblem)
  case exporter(ExporterProblem)
  case security(SecurityProblem)
  case web(WebProblem)
  /// How many mistakes there are beyond those that are shown.
  case more(Int)
}

extension Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .document(let error): error.description
    case .form(let problem): problem.description
    case .value(let problem): problem.description
    case .addresses(let problem): problem.description
    case .exporter(let problem): problem.description
    case .security(let problem): problem.description
    case .web(let problem): problem.description
    case .more(let count): count == 1 ? "1 mistake more" : "\(count) mistakes more"
    }
  }
}
