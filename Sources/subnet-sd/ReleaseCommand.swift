import ArgumentParser
import Controlling

/// `subnet-sd release`: ends a hold.
struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "End the hold of a job: what is silent there is really gone.",
    discussion: """
      While more targets are silent than max_loss allows, none of them is removed. This says that it is no outage: the \
      time of the hold counts as silence, and who was silent for remove_after leaves now. Needs root or the group of \
      the service.
      """)

  @Argument(help: ArgumentHelp("The job.", valueName: "job"))
  var job: String

  @OptionGroup var runtime: RuntimeOption

  func run() throws {
    try show(try askDaemon(.release(job: job), at: runtime))
  }
}
