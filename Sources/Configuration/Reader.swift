internal import Addressing
internal import Documents

/// Reads a configuration or a web config file, and collects all mistakes instead of stopping at the first.
///
/// A function that returns nil, or leaves what it was to set, has reported why.
struct Reader {
  /// The file, or the argument that stands for the command line.
  let source: Place
  /// Whether a file without a job is a mistake; ranges of a command line want no more than its `global`.
  let needsJobs: Bool
  /// To these a configuration adds; a web config file leaves them alone.
  var settings: Settings
  var exporters: KnownExporters
  var mistakes: [Mistake] = []
  /// Keys of `global` with a mistake in them: what a job takes from there is not judged.
  var faultyGlobals: Set<String> = []
  var pieces = 0

  /// Begins with what `settings` say already.
  init(source: Place, settings: Settings = Settings(), needsJobs: Bool = true) {
    self.source = source
    self.needsJobs = needsJobs
    self.settings = settings
    exporters = KnownExporters(settings.catalogue)
  }

  mutating func report(_ problem: Problem, at place: Place) {
    mistakes.append(Mistake(place: place, problem: problem))
  }

  mutating func report(_ problem: FormProblem, at node: Node) {
    report(.form(problem), at: place(of: node))
  }

  func place(of node: Node) -> Place {
    guard case .file(let name, _) = source else { return source }
    return .file(name, node.position)
  }

  /// What was read, if nothing was wrong.
  func finish<Result>(_ result: Result) throws(ConfigurationError) -> Result {
    guard !mistakes.isEmpty else { return result }
    let unplaced = Position(line: 0, column: 0)
    let sorted = mistakes.enumerated().sorted { left, right in
      let (first, second) = (
        left.element.place.position ?? unplaced, right.element.place.position ?? unplaced
      )
      return (first, left.offset) < (second, right.offset)
    }
    var shown = sorted.prefix(ConfigurationError.maxMistakes).map(\.element)
    if shown.count < sorted.count {
      shown.append(Mistake(place: source, problem: .more(sorted.count - shown.count)))
    }
    throw .invalid(shown)
  }
}
