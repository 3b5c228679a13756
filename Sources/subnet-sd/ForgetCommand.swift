import Addressing
import ArgumentParser
import Controlling

/// `subnet-sd forget`: drops silent targets now.
struct ForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Drop silent targets now, held or not.",
    discussion: """
      A TARGET is written as it is listed, such as 10.0.1.7:9100 or [fd00:1::7]:9100. One that answers is not dropped, \
      as the next scan would find it again: leave it out with 'exclude'. Needs root or the group of the service.
      """)

  @Argument(help: ArgumentHelp("What to drop.", valueName: "target"))
  var targets: [String]

  @OptionGroup var runtime: RuntimeOption

  func validate() throws {
    if let wrong = targets.first(where: { Endpoint($0) == nil }) {
      throw ValidationError("'\(wrong)' is no target; write an address and a port, such as 10.0.1.7:9100")
    }
  }

  func run() throws {
    try show(try askDaemon(.forget(targets.compactMap { Endpoint($0) }), at: runtime))
  }
}
