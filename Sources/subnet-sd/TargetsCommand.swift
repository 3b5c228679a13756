import ArgumentParser
import Controlling
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

  @OptionGroup var runtime: RuntimeOption

  func run() throws {
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
