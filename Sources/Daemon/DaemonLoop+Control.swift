internal import Addressing
internal import Configuration
internal import Controlling
internal import Exporters
internal import Inventory
internal import Logging
internal import Systemd

/// Operators: what `targets`, `forget` and `release` ask of the daemon.
extension DaemonLoop {
  /// Listens to operators; where that cannot be, the daemon does its work without them.
  func listen(in runtime: RuntimeDirectory) -> ControlSocket? {
    let failure = runtime.create()
    do throws(ControlError) {
      return try ControlSocket(in: runtime.path) { [post] request, user, reply in
        post.yield(.asked(request, by: user, reply: reply))
      }
    } catch {
      log.warning("\(failure ?? "\(error)"); going on without 'subnet-sd targets', 'forget' and 'release'")
      return nil
    }
  }

  mutating func answer(_ request: ControlRequest, from user: UInt32) -> ControlReply {
    switch request {
    case .targets(let format, let job, let state): list(format, job: job, state: state)
    case .forget(let endpoints): forget(endpoints, for: user)
    case .refusal(let endpoint): tellRefusal(of: endpoint)
    case .release(let job, let prefix): release(job, prefix, for: user)
    }
  }

  private func list(_ format: ControlRequest.TargetsFormat, job: String?, state: TargetState?) -> ControlReply {
    if let job, !jobs.contains(where: { $0.job.name == job }) { return unknownJob(job) }
    let chosen = jobs.filter { job == nil || $0.job.name == job }
    let list = TargetList(of: chosen, scanner.refusals { book, _ in book }, in: state, at: moment())
    let output =
      switch (format, state) {
      case (.json, _): list.json
      case (.rows, .refused): list.refusedRows
      case (.rows, _): list.rows
      }
    let others =
      list.refusedCount > 0 && state == nil && format == .rows
      ? ["what answers and is no target: \(list.refusedCount.of("endpoint")), see --state refused"] : []
    let faults = chosen.compactMap { job in job.fault.map { "job '\(job.job.name)': \($0)" } }
    return ControlReply(
      messages: (format == .rows ? list.holdSentences : []) + others + faults + [store.fault].compactMap(\.self),
      output: output)
  }

  private func tellRefusal(of endpoint: Endpoint) -> ControlReply {
    let now = moment().instant
    guard let refusal = scanner.refusals({ book, _ in book.entries[endpoint] }) else {
      return ControlReply(output: Array((memory(of: endpoint, now: now) ?? "").utf8))
    }
    let times = "for \((now - refusal.since).coarseText), and \((refusal.until - now).coarseText) more"
    return ControlReply(
      output: Array("\(refusal.kind.rawValue)\tthe daemon leaves it alone \(times): it \(refusal.reason)\n".utf8))
  }

  /// That an endpoint is a target over TLS, so that plain HTTP there is no answer; nil where it is not known so.
  private func memory(of endpoint: Endpoint, now: SuspendingClock.Instant) -> String? {
    let target = jobs.lazy.compactMap { $0.inventory.targets[endpoint] }.first { $0.sighting.scheme == .https }
    return target.map { "tls\tthe daemon knows it over TLS, for \((now - $0.firstSeen).coarseText)\n" }
  }

  private mutating func forget(_ endpoints: [Endpoint], for user: UInt32) -> ControlReply {
    var reply = ControlReply()
    var changed: Set<Int> = []
    for endpoint in Set(endpoints).sorted() {
      let wasRefused = scanner.refusals { book, _ in
        defer { book.clear(endpoint) }
        return book.entries[endpoint] != nil
      }
      var answers: [JobInventory.Forgetting] = []
      for index in jobs.indices {
        let answer = jobs[index].inventory.forget(endpoint, by: user)
        if case .forgotten(let events) = answer {
          report(events, of: index)
          reply.output += "\(endpoint) of job '\(jobs[index].job.name)' is forgotten\n".utf8
          changed.insert(index)
        }
        answers.append(answer)
      }
      guard !answers.contains(where: { if case .forgotten = $0 { true } else { false } }) else { continue }
      guard !wasRefused else {
        reply.output += "\(endpoint) is looked at again at the next scan\n".utf8
        continue
      }
      reply.isDone = false
      reply.messages.append(
        answers.contains(.isUp)
          ? "\(endpoint) answers, and would be found again; to leave it out, write it into 'exclude'"
          : "\(endpoint) is no target")
    }
    publish(changed, &reply)
    save()
    return reply
  }

  private mutating func release(_ job: String, _ prefix: Prefix?, for user: UInt32) -> ControlReply {
    guard let index = jobs.firstIndex(where: { $0.job.name == job }) else { return unknownJob(job) }
    let holds = jobs[index].inventory.holds
    let before = jobs[index].inventory.targets.count
    let events = jobs[index].inventory.release(prefix.map { .prefix($0) } ?? .job, by: user)
    guard !events.isEmpty else {
      let there = holds.map { "; to end the \($0.scope.title): \($0.scope.release(of: job))" }.joined()
      return ControlReply(
        isDone: false, messages: ["job '\(job)' has no hold\(prefix.map { " of \($0)" } ?? "")\(there)"])
    }
    report(events, of: index)
    let inventory = jobs[index].inventory
    var reply = ControlReply()
    for hold in holds where !inventory.holds.contains(hold) {
      reply.output += "job '\(job)': \(hold.scope.title) is over\n".utf8
    }
    let gone = (before - inventory.targets.count).of("target")
    let rest = inventory.silentCount
    reply.output += "job '\(job)': \(gone) removed\(rest > 0 ? "; \(rest) silent until remove_after" : "")\n".utf8
    publish([index], &reply)
    return reply
  }

  /// Stores and publishes what an operator has changed; where that cannot be, he should know.
  private mutating func publish(_ changed: Set<Int>, _ reply: inout ControlReply) {
    guard !changed.isEmpty else { return }
    save()
    for index in changed.sorted() {
      publish(index)
      if jobs[index].isUnpublished {
        reply.isDone = false
        reply.messages.append("job '\(jobs[index].job.name)': Prometheus is not told yet: \(jobs[index].fault ?? "")")
      }
    }
    if let fault = store.fault {
      reply.isDone = false
      reply.messages.append(fault)
    }
    notifier.status(statusSentence)
  }

  private func unknownJob(_ name: String) -> ControlReply {
    let names = jobs.map { "'\($0.job.name)'" }.joined(separator: ", ")
    return ControlReply(isDone: false, messages: ["there is no job '\(name)'; the daemon has \(names)"])
  }
}
