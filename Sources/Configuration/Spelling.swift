/// Finds what a misspelt word was meant to be.
enum Spelling {
  /// The candidate with the fewest edits from `word`; none where more than a third of its letters would be
  /// wrong, since then it is another word.
  static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    // Beyond every key and name, and quadratic work.
    guard word.unicodeScalars.count <= 64 else { return nil }
    let ranked = candidates.map { (edits: edits(from: word, to: $0), candidate: $0) }
    guard let best = ranked.min(by: { ($0.edits, $0.candidate) < ($1.edits, $1.candidate) }),
      best.edits <= max(1, best.candidate.count / 3)
    else { return nil }
    return best.candidate
  }

  /// The optimal string alignment distance: letters added, left out, replaced, or two neighbours swapped.
  static func edits(from left: String, to right: String) -> Int {
    let left = Array(left.unicodeScalars)
    let right = Array(right.unicodeScalars)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let isSame = left[row] == right[column]
        var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
