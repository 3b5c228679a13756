/// What a cell of a map shows, what matters most first.
///
/// Of an address with several endpoints, and of a block of addresses, that one is shown which needs somebody soonest:
/// what does not answer comes before what is well, and what is no target at all comes last.
enum Mark: Int, CaseIterable, Comparable {
  case silent, held, up, duplicate, refused

  /// The word for it, which is also its class and the `data-state` of a cell.
  var word: StaticString {
    switch self {
    case .silent: "silent"
    case .held: "held"
    case .up: "up"
    case .duplicate: "duplicate"
    case .refused: "refused"
    }
  }

  static func < (left: Mark, right: Mark) -> Bool { left.rawValue < right.rawValue }
}

extension TargetView {
  var mark: Mark {
    switch state {
    case .silent: .silent
    case .held: .held
    case .up: duplicateOf == nil ? .up : .duplicate
    }
  }
}

/// How many there are of each mark.
struct MarkCounts: Hashable {
  private var numbers = [Int](repeating: 0, count: Mark.allCases.count)

  subscript(mark: Mark) -> Int {
    get { numbers[mark.rawValue] }
    set { numbers[mark.rawValue] = newValue }
  }

  /// The mark that matters most of those there are.
  var worst: Mark? { Mark.allCases.first { self[$0] > 0 } }
  /// How many are targets.
  var targets: Int { numbers.reduce(0, +) - self[.refused] }
  /// How many targets answer.
  var up: Int { self[.up] + self[.duplicate] }
}

extension MarkCounts {
  init(_ job: JobView) {
    for target in job.targets { self[target.mark] += 1 }
    self[.refused] = job.refused.count + job.moreRefused
  }
}
