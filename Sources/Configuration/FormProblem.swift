/// A key or a kind of value that does not belong where it stands.
package enum FormProblem: Hashable, Sendable {
  case emptyFile
  case noJobs
  case missingKey(String)
  case unknownKey(String, in: Section)
  case duplicateKey(String, first: Place)
  case keyIsNoText
  case wrongKind(Subject, found: Kind, wanted: Kind)
  case emptyList(String)
  case tooManyItems(String, count: Int, limit: Int)
  case tooManyJobs(Int)
  case repeated(String)

  /// What a value belongs to.
  package enum Subject: Hashable, Sendable {
    case file
    case key(String)
    case item(of: String)
    case label(String)
    case passwordHash
  }

  /// What a value can be, as a message says it.
  package enum Kind: String, Hashable, Sendable {
    case nothing
    case text = "a text"
    case quotedText = "a text in quotes"
    case list = "a list"
    case mapping = "a mapping"
    case duration = "a duration"
    case number = "a whole number"
    case percentage = "a percentage"
    case boolean = "true or false"
  }
}

extension FormProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .emptyFile:
      "the file is empty; it needs 'scan_configs' with at least one job"
    case .noJobs:
      "'scan_configs' is empty; it needs at least one job"
    case .missingKey(let key):
      "key '\(key)' is missing"
    case .unknownKey(let key, let section):
      section.advice(on: key)
    case .duplicateKey(let key, let first):
      "key '\(key.excerpt)' stands here twice; first at \(first)"
    case .keyIsNoText:
      "a key must be a text"
    case .wrongKind(let subject, .nothing, let wanted):
      "\(subject) has no value; it must be \(wanted.rawValue)"
    case .wrongKind(.item(JobKey.exporters.rawValue), .mapping, .text):
      "an item of 'exporters' must be a text, not a mapping; describe it at the top of the file, and name it here"
    case .wrongKind(.item(FileKey.exporters.rawValue), .text, .mapping):
      "an item of 'exporters' must be a mapping, not a text; name it in a job, and only describe your own here"
    case .wrongKind(.item(let key), .mapping, .text):
      "an item of '\(key)' must be a text, not a mapping; quote one that ends with a colon"
    case .wrongKind(let subject, .text, .list), .wrongKind(let subject, .quotedText, .list):
      "\(subject) must be a list; put even a single item in '[ ]'"
    case .wrongKind(let subject, let found, let wanted):
      "\(subject) must be \(wanted.rawValue), not \(found.rawValue)"
    case .emptyList(let key):
      "'\(key)' is empty; it needs at least one item"
    case .tooManyItems(let key, let count, let limit):
      "'\(key)' has \(count) items; \(limit) are allowed"
    case .tooManyJobs(let count):
      "'\(FileKey.scanConfigs.rawValue)' has \(count) jobs; \(Settings.maxJobs) are allowed; give a job the ranges of"
        + " several, or run a second subnet-sd with a state directory of its own"
    case .repeated(let text):
      "'\(text.excerpt)' stands here twice"
    }
  }
}

extension FormProblem.Subject: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file: "the file"
    case .key(let key): "'\(key)'"
    case .item(let key): "an item of '\(key)'"
    case .label(let name): "label '\(name.excerpt)'"
    case .passwordHash: "a user's password hash"
    }
  }
}
