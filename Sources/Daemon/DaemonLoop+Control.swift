internal import Addressing
internal import Configuration
internal import Controlling
internal import Inventory
internal import Logging
internal import Systemd

/// Operators: what `targets`, `forget` and `release` ask of the daemon.
extension DaemonLoop {
  /// Listens to operators; where that cannot be, the daemon does its work without them.
  func listen(in runtime: RuntimeDirectory) -> ControlSocket? {
    runtime.create()
    do throws(ControlError) {
      return try ControlSocket(in: runtime.path) { [post] request, user, reply in
        post.yield(.asked(request, by: user, reply: reply))
      }
    } catch {
      log.warning("\(error); going on without 'subnet-sd targets', 'forget' and 'release'")
      return nil
    }
  }

  mutating func answer(_ request: ControlRequest, from user: UInt32) -> ControlReply {
    switch request {
    case .targets(let format, let job, let state): list(format, job: job, state: state)
    case .forget(let endpoints): forget(endpoints, for: user)
    case .release(let job): release(job, for: user)
    }
  }

  private func list(_ format: ControlRequest.TargetsFormat, job: String?, state: String?) -> ControlReply {
    if let job, !jobs.contains(where: { $0.job.name == job }) { return unknownJob(job) }
    let chosen = jobs.filter { job == nil || $0.job.name == job }
    let list = TargetList(of: chosen, in: state, at: moment())
    return switch format {
    case .rows: ControlReply(messages: list.holdSentences, output: list.rows)
    case .json: ControlReply(output: list.json)
    }
  }

  private mutating func forget(_ endpoints: [Endpoint], for user: UInt32) -> ControlReply {
    var reply = ControlReply()
    var changed: Set<Int> = []
    for endpoint in endpoints {
      var isUp = false
      var isForgotten = false
      for index in jobs.indices {
        switch jobs[index].inventory.forget(endpoint, by: user) {
        case .forgotten(let events):
          report(events, of: index)
          reply.output += "\(endpoint) of job '\(jobs[index].job.name)' is forgotten\n".utf8
          changed.insert(index)
          isForgotten = true
        case .isUp: isUp = true
        case .unknown: break
        }
      }
      guard !isForgotten else { continue }
      reply.isDone = false
      reply.messages.append(
        isUp
          ? "\(endpoint) answers, and would be found again; to leave it out, write it into 'exclude'"
          : "\(endpoint) is no target")
    }
    save()
    for index in changed.sorted() { publish(index) }
    notifier.status(statusSentence)
    return reply
  }

  private mutating func release(_ job: String, for user: UInt32) -> ControlReply {
    guard let index = jobs.firstIndex(where: { $0.job.name == job }) else { return unknownJob(job) }
    let before = jobs[index].inventory.targets.count
    let events = jobs[index].inventory.release(by: user)
    guard !events.isEmpty else { return ControlReply(isDone: false, messages: ["job '\(job)' has no hold"]) }
    report(events, of: index)
    save()
    publish(index)
    notifier.status(statusSentence)
    let inventory = jobs[index].inventory
    let left = before - inventory.targets.count
    let rest = inventory.silentCount
    let wait = rest > 0 ? "; \(rest.of("target")) more will, unless they answer, when remove_after is over" : ""
    return ControlReply(output: Array("job '\(job)' has no hold any more: \(left.of("target")) left\(wait)\n".utf8))
  }

  private func unknownJob(_ name: String) -> ControlReply {
    let names = jobs.map { "'\($0.job.name)'" }.joined(separator: ", ")
    return ControlReply(isDone: false, messages: ["there is no job '\(name)'; the daemon has \(names)"])
  }
}
