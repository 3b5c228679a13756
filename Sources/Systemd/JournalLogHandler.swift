internal import CSystemd
internal import Glibc
package import Logging

/// Sends log entries to the journal with their metadata as fields, or as lines to standard error.
///
/// Metadata keys are journal field names as they are: `SUBNET_SD_JOB`, `MESSAGE_ID`.
package struct JournalLogHandler: LogHandler {
  /// Where entries go.
  package enum Destination: Sendable {
    case journal
    /// Lines that begin with `<N>`, the priority of sd-daemon(3), for whoever reads a pipe or a file.
    case lines
    /// Lines for a person at a terminal.
    case terminal

    /// What standard error is connected to.
    package static var ofStandardError: Destination {
      if JournalStream.isStandardError { return .journal }
      return isatty(STDERR_FILENO) == 1 ? .terminal : .lines
    }
  }

  package var logLevel = Logger.Level.info
  package var metadata = Logger.Metadata()
  package var metadataProvider: Logger.MetadataProvider?
  private let destination: Destination
  private let write: @Sendable (String) -> Void
  private let send: @Sendable ([String]) -> Bool

  /// `write` takes whole lines and, if not given, sends them to standard error; `send` takes the fields of a native
  /// entry, and returns whether the journal took them.
  package init(
    to destination: Destination, write: (@Sendable (String) -> Void)? = nil,
    send: (@Sendable ([String]) -> Bool)? = nil
  ) {
    self.destination = destination
    self.write = write ?? writeToStandardError
    self.send = send ?? sendToJournal
  }

  package subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let message = "\(event.message)"
    switch destination {
    case .journal:
      var fields = ["MESSAGE=\(message)", "PRIORITY=\(event.level.priority)", "SYSLOG_IDENTIFIER=subnet-sd"]
      for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
        fields.append("\(key)=\(value)")
      }
      if !send(fields) { write(Self.lines(message, event.level)) }
    case .lines: write(Self.lines(message, event.level))
    case .terminal: write("\(event.level.label)\(message)\n")
    }
  }

  /// The priority stands before each line: who reads them takes each for an entry of its own.
  private static func lines(_ message: String, _ level: Logger.Level) -> String {
    message.split(separator: "\n", omittingEmptySubsequences: false).map { "<\(level.priority)>\($0)\n" }.joined()
  }
}

extension Logger.Level {
  /// The level of syslog(3).
  var priority: Int32 {
    switch self {
    case .trace, .debug: LOG_DEBUG
    case .info: LOG_INFO
    case .notice: LOG_NOTICE
    case .warning: LOG_WARNING
    case .error: LOG_ERR
    case .critical: LOG_CRIT
    }
  }

  /// What stands before a message at a terminal; what is normal needs no word.
  var label: String {
    switch self {
    case .trace, .debug: "debug: "
    case .info, .notice: ""
    case .warning: "warning: "
    case .error, .critical: "error: "
    }
  }
}

/// Sends one native entry; false where the journal did not take it.
@Sendable private func sendToJournal(_ fields: [String]) -> Bool {
  let bytes = fields.map { Array($0.utf8) }
  return unsafe withVectors(bytes[...], []) { vectors in
    unsafe vectors.withUnsafeBufferPointer { unsafe sd_journal_sendv($0.baseAddress, Int32($0.count)) } >= 0
  }
}

/// Calls `body` with an iovec for each of `fields`, which stay in place meanwhile.
private func withVectors(
  _ fields: ArraySlice<[UInt8]>, _ vectors: [iovec], _ body: ([iovec]) -> Bool
) -> Bool {
  guard let field = fields.first else { return unsafe body(vectors) }
  return unsafe field.withUnsafeBytes { buffer in
    // sd_journal_sendv() only reads what the vector points to.
    let base = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
    let vector = unsafe iovec(iov_base: base, iov_len: buffer.count)
    return unsafe withVectors(fields.dropFirst(), vectors + [vector], body)
  }
}

/// One `write(2)`, so that lines of several threads do not mix; what cannot be written is lost.
@Sendable private func writeToStandardError(_ line: String) {
  var line = line
  line.withUTF8 { _ = unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
