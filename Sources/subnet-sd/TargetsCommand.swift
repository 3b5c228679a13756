import ArgumentParser
import Controlling
import Daemon
import Glibc

extension TargetState: ExpressibleByArgument {}

/// `subnet-sd targets`: what the running daemon knows.
struct TargetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "targets",
    abstract: "Show what the running daemon knows of its targets.",
    discussion: """
      up: it answered the last scan. silent: it did not; it stays listed until remove_after is over. held: silent while \
      too many others are, so that it does not leave. duplicate: another address of a machine that is a target already. \
      refused: it answers and is no target, with the reason; what may be a printer and what speaks no HTTP is left alone \
      for an hour at first, for up to a day later on. \
      Needs root or the group of the service.
        subnet-sd targets --state silent
        subnet-sd targets --watch
        subnet-sd targets --format json
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @Option(help: "Only targets in this state; held ones are silent, too.")
  var state: TargetState?

  @Option(help: ArgumentHelp("Only targets of this job.", valueName: "name"))
  var job: String?

  @Option(help: "How to show them.")
  var format = Format.table

  @Flag(help: "Show them every two seconds, until Ctrl-C.")
  var watch = false

  @OptionGroup var runtime: RuntimeOption

  func validate() throws {
    if watch, format == .json { throw ValidationError("--watch shows a table; leave out --format json") }
    if watch, !Terminal.isThere(STDOUT_FILENO) { throw ValidationError("--watch is for a terminal; leave it out") }
  }

  func run() throws {
    guard watch else { return try showOnce() }
    var screen = WatchScreen()
    while true {
      screen.draw(linesToWatch())
      // Ctrl-C ends this, and the program.
      usleep(UInt32(WatchScreen.interval / .microseconds(1)))
    }
  }

  /// What there is now, or why the daemon does not say: it may be restarting.
  private func linesToWatch() -> [String] {
    let head = "subnet-sd targets\(state.map { " --state \($0.rawValue)" } ?? ""), \(WatchScreen.now)"
    do throws(ControlError) {
      let reply = try reply(to: .targets(format: .rows, job: job, state: state), at: runtime)
      let table = Table(rows: reply.output)
      let lines = table.text(isColoured: false).split(separator: "\n").map(String.init)
      let count = max(0, lines.count - 1)
      return ["\(head): \(count == 1 ? "1 row" : "\(count) rows")"] + reply.messages + [""] + lines
    } catch {
      return [head, "\(error)"]
    }
  }

  private func showOnce() throws {
    let wanted: ControlRequest.TargetsFormat = format == .json ? .json : .rows
    var reply = try askDaemon(.targets(format: wanted, job: job, state: state), at: runtime)
    if format == .table, reply.isDone {
      let table = Table(rows: reply.output)
      reply.output = Array(table.text(isColoured: Terminal.hasColours(STDOUT_FILENO)).utf8)
      if table.isEmpty {
        reply.output = []
        reply.messages.insert(state == .refused ? "nothing is refused" : "no targets", at: 0)
      }
    }
    try show(reply)
  }
}
