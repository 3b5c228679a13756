import Logging
import Synchronization
import Testing

@testable import Systemd

/// What a handler wrote and sent.
private final class Output: Sendable {
  private let parts = Mutex<(lines: [String], entries: [[String]])>(([], []))

  var lines: [String] { parts.withLock { $0.lines } }
  var entries: [[String]] { parts.withLock { $0.entries } }

  /// A logger of every level; `takes` is what the journal says to an entry.
  func logger(to destination: JournalLogHandler.Destination, takes: Bool = true) -> Logger {
    var logger = Logger(label: "test") { _ in
      JournalLogHandler(
        to: destination, write: { line in self.parts.withLock { $0.lines.append(line) } },
        send: { fields in
          self.parts.withLock { $0.entries.append(fields) }
          return takes
        })
    }
    logger.logLevel = .trace
    return logger
  }
}

@Suite struct Lines {
  @Test(arguments: [
    (Logger.Level.trace, "<7>", "debug: "), (.debug, "<7>", "debug: "), (.info, "<6>", ""), (.notice, "<5>", ""),
    (.warning, "<4>", "warning: "), (.error, "<3>", "error: "), (.critical, "<2>", "error: "),
  ])
  func eachLevelHasItsPriorityAndItsWord(level: Logger.Level, priority: String, word: String) {
    let (lines, terminal) = (Output(), Output())
    lines.logger(to: .lines).log(level: level, "it is so")
    terminal.logger(to: .terminal).log(level: level, "it is so")
    #expect(lines.lines == ["\(priority)it is so\n"])
    #expect(terminal.lines == ["\(word)it is so\n"])
  }

  @Test func metadataIsForTheJournalAlone() {
    for destination in [JournalLogHandler.Destination.lines, .terminal] {
      let output = Output()
      output.logger(to: destination).info("it is so", metadata: ["SUBNET_SD_JOB": "node"])
      #expect(output.lines.count == 1)
      #expect(output.lines.first?.contains("node") == false)
      #expect(output.entries == [])
    }
  }

  /// Each line of a pipe is an entry of its own to who reads it, with the priority it begins with.
  @Test func eachLineHasThePriority() {
    let output = Output()
    output.logger(to: .lines).error("one\ntwo\n\nfour")
    #expect(output.lines == ["<3>one\n<3>two\n<3>\n<3>four\n"])
  }

  @Test func whatIsBelowTheLevelIsNotWritten() {
    let output = Output()
    var logger = output.logger(to: .lines)
    logger.logLevel = .notice
    logger.info("no")
    logger.notice("yes")
    #expect(output.lines == ["<5>yes\n"])
  }
}

@Suite struct Entries {
  @Test func metadataAreFieldsAsTheyAre() throws {
    let output = Output()
    var logger = output.logger(to: .journal)
    logger[metadataKey: "SUBNET_SD_JOB"] = "node"
    logger[metadataKey: "SUBNET_SD_EVENT"] = "scan_complete"
    logger.warning("two\nlines = é", metadata: ["SUBNET_SD_EVENT": "target_new", "MESSAGE_ID": "\(42)"])
    let entry = try #require(output.entries.first)
    #expect(
      entry.prefix(3) == ["MESSAGE=two\nlines = é", "PRIORITY=4", "SYSLOG_IDENTIFIER=subnet-sd"])
    #expect(Set(entry.dropFirst(3)) == ["SUBNET_SD_JOB=node", "SUBNET_SD_EVENT=target_new", "MESSAGE_ID=42"])
    #expect(entry.count == 6)
    #expect(output.lines == [])
    #expect(logger[metadataKey: "SUBNET_SD_JOB"] == "node")
  }

  @Test func whatTheJournalDoesNotTakeIsALine() {
    let output = Output()
    output.logger(to: .journal, takes: false).error("it is so", metadata: ["SUBNET_SD_JOB": "node"])
    #expect(output.lines == ["<3>it is so\n"])
  }

  /// libsystemd reports success where no journal listens.
  @Test func theRealCallTakesAnyFields() {
    let output = Output()
    var logger = Logger(label: "test") { _ in
      JournalLogHandler(to: .journal, write: { line in output.logger(to: .lines).info("\(line)") })
    }
    logger.logLevel = .trace
    logger.debug("a test of subnet-sd's", metadata: ["SUBNET_SD_JOB": "\u{0}\n=é", "SUBNET_SD_TARGET": ""])
    #expect(output.lines == [])
  }
}

@Suite struct JournalStreams {
  @Test(arguments: [
    ("9:782121", true), ("9:782122", false), ("8:782121", false), ("9", false), ("", false), (":", false),
    ("9:782121 ", false), ("09:782121", false), ("9:782121:0", false), ("-9:782121", false),
  ])
  func comparesDeviceAndInode(value: String, matches: Bool) {
    #expect(JournalStream.matches(value, device: 9, inode: 782_121) == matches)
  }

  @Test func bothCanBeAsLargeAsTheyGet() {
    #expect(JournalStream.matches("18446744073709551615:18446744073709551615", device: .max, inode: .max))
  }
}
