internal import Exporters

/// The exporters that a job may name.
struct KnownExporters {
  private let byName: [String: Exporter]
  /// Names that the file describes with a mistake; whoever names one makes none.
  private let faultyNames: Set<String>
  /// False where the file describes exporters of which not even the name could be read.
  private let isComplete: Bool
  /// What can be meant by a name that is not known; one array for all mistakes that show it.
  let words: [String]

  /// What a job lists to take everything that answers with an exposition.
  static let any = "any"

  init(_ catalogue: Catalogue, faultyNames: Set<String> = [], isComplete: Bool = true) {
    byName = Dictionary(uniqueKeysWithValues: catalogue.exporters.map { ($0.name, $0) })
    self.faultyNames = faultyNames
    self.isComplete = isComplete
    words = catalogue.exporters.map(\.name) + faultyNames + [Self.any]
  }

  /// Nil for one that is not known, or only with a mistake.
  subscript(name: String) -> Exporter? { faultyNames.contains(name) ? nil : byName[name] }

  /// Whether it is a mistake to name this one.
  func lacks(_ name: String) -> Bool { isComplete && byName[name] == nil && !faultyNames.contains(name) }
}
