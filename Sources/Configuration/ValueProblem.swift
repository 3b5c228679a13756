/// A value of the right kind that its key does not take.
package enum ValueProblem: Hashable, Sendable {
  /// The noun is what one such number is called: the key, or `port`.
  case number(String, noun: String, ClosedRange<Int>)
  case duration(String, key: String, ClosedRange<Duration>)
  case timeLimit(String, key: String, ClosedRange<Duration>)
  case percentage(String, key: String)
  case choice(String, key: String, known: [String])
  case boolean(String)
  case fileMode(String)
  case jobName(String)
  case jobNameTaken(String, first: Place)
  case targetFile(String, TargetFileFault)
  /// The other job's name, if it has a valid one, and where it stands.
  case targetFileTaken(String, job: String?, at: Place)
  case labelName(String)
  case reservedLabel(String)
  case longLabel(String, count: Int)
  case controlCharacterInLabel(String)

  static let maxLabelBytes = 1024
}

extension ValueProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .number(let text, let noun, let bounds):
      "'\(text.excerpt)' is not a \(noun) from \(bounds.lowerBound) to \(bounds.upperBound)"
    case .duration(let text, let key, let bounds):
      "'\(text.excerpt)' is not a \(key) \(bounds.prose); write a duration such as 500ms, 30s or 1h30m"
    case .timeLimit(let text, let key, let bounds):
      "'\(text.excerpt)' is not a \(key) \(bounds.prose); write a duration such as 24h, or never"
    case .percentage(let text, let key):
      "'\(text.excerpt)' is not a \(key) from 0% to 100%; write whole percents such as 15%"
    case .choice(let text, let key, let known):
      "'\(text.excerpt)' is not a value of \(key); write \(known.alternatives)"
    case .boolean(let text):
      "'\(text.excerpt)' is neither true nor false"
    case .fileMode(let text):
      "'\(text.excerpt)' is not a file_mode from 0400 to 0777; write three or four octal digits"
    case .jobName(let text):
      "'\(text.excerpt)' is not a job_name; write up to 64 letters, digits, '_', '.' or '-', "
        + "the last two not first"
    case .jobNameTaken(let name, let first):
      "'\(name)' is already the job_name at \(first)"
    case .targetFile(let text, let fault):
      "'\(text.excerpt)' is not a target_file; \(fault)"
    case .targetFileTaken(let text, let job?, _):
      "'\(text.excerpt)' is already the target_file of job '\(job)'; each needs its own"
    case .targetFileTaken(let text, nil, let place):
      "'\(text.excerpt)' is already the target_file of the job at \(place); each needs its own"
    case .labelName(let name):
      "'\(name.excerpt)' is not a label name; write letters, digits and '_', no digit first"
    case .reservedLabel(let name):
      "label '\(name.excerpt)' is not yours to set; subnet-sd writes it"
    case .longLabel(let name, let count):
      "the value of label '\(name.excerpt)' has \(count) bytes; \(Self.maxLabelBytes) are allowed"
    case .controlCharacterInLabel(let name):
      "the value of label '\(name.excerpt)' has control characters in it"
    }
  }
}

extension [String] {
  fileprivate var alternatives: String {
    [dropLast().joined(separator: ", "), last ?? ""].filter { !$0.isEmpty }.joined(separator: " or ")
  }
}

extension ClosedRange<Duration> {
  fileprivate var prose: String { "from \(lowerBound.prometheusText) to \(upperBound.prometheusText)" }
}
