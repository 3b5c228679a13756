import Addressing
import ArgumentParser
import Controlling

/// `subnet-sd release`: ends a hold.
struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "End the holds of a job: what is silent there is really gone.",
    discussion: """
      While more targets are silent than max_loss allows, none of them is removed. This says that it is no outage: the \
      time of the hold counts as silence, and who was silent for remove_after leaves now. With a PREFIX, such as \
      10.0.1.0/24, it says so of the hold of that prefix alone. Needs root or the group of the service.
      """)

  @Argument(help: ArgumentHelp("The job.", valueName: "job"))
  var job: String

  @Argument(help: ArgumentHelp("Only the hold of this prefix.", valueName: "prefix"))
  var prefix: String?

  @OptionGroup var runtime: RuntimeOption

  func validate() throws {
    if let prefix, Prefix(text: prefix) == nil {
      throw ValidationError("'\(prefix)' is no prefix; write one such as 10.0.1.0/24")
    }
  }

  func run() throws {
    try show(try askDaemon(.release(job: job, prefix: prefix.flatMap { Prefix(text: $0) }), at: runtime))
  }
}
