import ArgumentParser
import Controlling
import Daemon

/// Asks the running daemon; throws where it cannot be asked.
func reply(to request: ControlRequest, at runtime: RuntimeOption) throws(ControlError) -> ControlReply {
  try ControlClient(directory: runtime.directory.path).ask(request).harmless
}

/// Asks the running daemon; complains and ends with status 1 where it cannot be asked.
func askDaemon(_ request: ControlRequest, at runtime: RuntimeOption) throws -> ControlReply {
  do throws(ControlError) {
    return try reply(to: request, at: runtime)
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

extension ControlReply {
  /// The reply without what would act on a terminal, which may be root's: it comes from a process that listens to the
  /// network.
  fileprivate var harmless: ControlReply {
    let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self).printable
      }.joined(separator: "\t")
    }
    return ControlReply(
      isDone: isDone, messages: messages.map(\.printable), output: Array(lines.joined(separator: "\n").utf8))
  }
}
