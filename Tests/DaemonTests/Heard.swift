import Logging
import Synchronization
import Systemd
import Testing

/// What a daemon under test has logged and told its service manager.
final class Heard: Sendable {
  struct Entry: Equatable {
    let level: Logger.Level
    let message: String
    let fields: [String: String]
  }

  enum Word: Equatable {
    case logged(Entry)
    case notified(String)
  }

  private let said = Mutex<[Word]>([])
  private let words: AsyncStream<Word>
  private let word: AsyncStream<Word>.Continuation

  init() {
    (words, word) = AsyncStream.makeStream()
  }

  var entries: [Entry] {
    said.withLock { $0.compactMap { if case .logged(let entry) = $0 { entry } else { nil } } }
  }

  var notifications: [String] {
    said.withLock { $0.compactMap { if case .notified(let lines) = $0 { lines } else { nil } } }
  }

  var logger: Logger {
    var logger = Logger(label: "test") { _ in Handler(heard: self) }
    logger.logLevel = .debug
    return logger
  }

  var notifier: Notifier { Notifier { self.hear(.notified($0)) } }

  private func hear(_ new: Word) {
    said.withLock { $0.append(new) }
    word.yield(new)
  }

  /// Waits for a message that begins with `start`, among those that no one has waited for; returns it.
  @discardableResult func log(_ start: String) async -> Entry? {
    for await word in words {
      if case .logged(let entry) = word, entry.message.hasPrefix(start) { return entry }
    }
    return nil
  }

  /// Waits for a notification that begins with `start`.
  @discardableResult func notification(_ start: String) async -> String? {
    for await word in words {
      if case .notified(let lines) = word, lines.hasPrefix(start) { return lines }
    }
    return nil
  }

  private struct Handler: LogHandler {
    let heard: Heard
    var logLevel = Logger.Level.debug
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
      heard.hear(.logged(Entry(level: event.level, message: "\(event.message)", fields: fields)))
    }
  }
}
