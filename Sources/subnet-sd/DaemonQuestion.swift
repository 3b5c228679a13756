import ArgumentParser
import Controlling
import Daemon

/// Asks the running daemon; complains and ends with status 1 where it cannot be asked.
func askDaemon(_ request: ControlRequest, at runtime: RuntimeOption) throws -> ControlReply {
  do throws(ControlError) {
    return try ControlClient(directory: runtime.directory.path).ask(request)
  } catch {
    complain("\(error)")
    throw ExitCode.failure
  }
}

/// Shows a reply: what was asked for on standard output, the sentences on standard error.
func show(_ reply: ControlReply) throws {
  try printResult(reply.output)
  for message in reply.messages { complain(message) }
  if !reply.isDone { throw ExitCode.failure }
}
