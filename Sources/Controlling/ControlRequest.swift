package import Addressing

/// What an operator asks of the running daemon.
package enum ControlRequest: Hashable, Sendable {
  /// To list what is known, as a table's rows or as JSON; of one job, in one state, where these are given.
  case targets(format: TargetsFormat, job: String?, state: TargetState?)
  /// To drop silent targets.
  case forget([Endpoint])
  /// To tell whether an endpoint is left alone for now, or known over TLS: a word for the kind and a sentence, or nothing.
  case refusal(Endpoint)
  /// To end the holds of a job, or the one of a prefix.
  case release(job: String, prefix: Prefix?)

  package enum TargetsFormat: String, Hashable, Sendable {
    /// Cells separated by tabs; the first line has the columns' names.
    case rows
    case json
  }
}

/// What operators can ask targets for. A held one is silent, too, and a duplicate may be up or silent; what was refused
/// is no target.
package enum TargetState: String, Hashable, Sendable, CaseIterable {
  case up, silent, held, duplicate, refused
}

extension ControlRequest {
  /// As it goes over the socket: words with tabs between them, in one line without its end.
  var line: String {
    let words =
      switch self {
      case .targets(let format, let job, let state): ["targets", format.rawValue, job ?? "", state?.rawValue ?? ""]
      case .forget(let endpoints): ["forget"] + endpoints.map(\.description)
      case .refusal(let endpoint): ["refusal", endpoint.description]
      case .release(let job, let prefix): ["release", job, prefix?.description ?? ""]
      }
    return words.map(\.printable).joined(separator: "\t")
  }

  /// Nil for what no client of ours sends.
  init?(line: some Sequence<UInt8>) {
    guard let text = String(validating: Array(line), as: UTF8.self) else { return nil }
    let words = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    switch (words[0], words.count) {
    case ("targets", 4):
      guard let format = TargetsFormat(rawValue: words[1]) else { return nil }
      let state = TargetState(rawValue: words[3])
      guard state != nil || words[3].isEmpty else { return nil }
      self = .targets(format: format, job: words[2].nonEmpty, state: state)
    case ("forget", 2...):
      let endpoints = words.dropFirst().compactMap { Endpoint($0) }
      guard endpoints.count == words.count - 1 else { return nil }
      self = .forget(endpoints)
    case ("refusal", 2):
      guard let endpoint = Endpoint(words[1]) else { return nil }
      self = .refusal(endpoint)
    case ("release", 3):
      let prefix = Prefix(text: words[2])
      guard !words[1].isEmpty, prefix != nil || words[2].isEmpty else { return nil }
      self = .release(job: words[1], prefix: prefix)
    default: return nil
    }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }

  /// Without what would end a word or a line, or act on a terminal: each such character is a question mark.
  package var printable: String {
    let scalars = unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "?"
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

/// What the daemon has to say to a request.
package struct ControlReply: Hashable, Sendable {
  /// Whether all that was asked was done.
  package var isDone: Bool
  /// Sentences for the operator, each one line.
  package var messages: [String]
  /// What was asked for.
  package var output: [UInt8]

  package init(isDone: Bool = true, messages: [String] = [], output: [UInt8] = []) {
    self.isDone = isDone
    self.messages = messages
    self.output = output
  }
}

extension ControlReply {
  /// The first line says what follows, so that the program and a daemon of another version understand each other or
  /// know that they do not.
  private static let name = "subnet-sd-reply 1"

  /// What a client reads at most: more than a /14 full of targets, as JSON.
  static let maxBytes = 256 << 20

  /// What is said to a client; where it would not read all of it, what to ask instead.
  func bytes(atMost limit: Int = maxBytes) -> [UInt8] {
    let bytes = self.bytes
    guard bytes.count > limit else { return bytes }
    let sentence = "the answer has more than \(limit) bytes; ask for one job (--job) or one state (--state)"
    return ControlReply(isDone: false, messages: [sentence]).bytes
  }

  private var bytes: [UInt8] {
    var text = "\(Self.name) \(isDone ? "done" : "failed") \(messages.count)\n"
    for message in messages { text += message.printable + "\n" }
    return Array(text.utf8) + output
  }

  /// Nil for what is no whole head of a reply.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    guard let head = Self.takeLine(&rest), head.hasPrefix("\(Self.name) ") else { return nil }
    let words = head.dropFirst(Self.name.count + 1).split(separator: " ")
    guard words.count == 2, ["done", "failed"].contains(words[0]), let count = Int(words[1]), count >= 0 else {
      return nil
    }
    self.init(isDone: words[0] == "done")
    for _ in 0..<min(count, rest.count) {
      guard let message = Self.takeLine(&rest) else { return nil }
      messages.append(message)
    }
    guard messages.count == count else { return nil }
    output = Array(rest)
  }

  private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }
}
