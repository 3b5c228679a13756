internal import Addressing
internal import Configuration
internal import Exporters
internal import Inventory
internal import Probing
internal import Sweeping
internal import Synchronization

/// One scan of one job: takes each endpoint that accepts a connection through its inquiry.
///
/// Its methods are called on the sweeper's and the prober's threads; none of them blocks.
final class JobScan: Sendable {
  private let order: ScanOrder
  private let scanner: Scanner
  private let trace: (@Sendable (Endpoint, ScanStep) -> Void)?
  private let state: Mutex<State>

  private struct State {
    var findings: Findings
    /// What is under way, and until when it may be asked more.
    var inquiries: [Endpoint: (inquiry: Inquiry, deadline: ContinuousClock.Instant?)] = [:]
  }

  init(_ order: ScanOrder, of scanner: Scanner, trace: (@Sendable (Endpoint, ScanStep) -> Void)?) {
    self.order = order
    self.scanner = scanner
    self.trace = trace
    state = Mutex(State(findings: Findings(for: order)))
  }

  // MARK: What the sweep tells

  func opened(_ connection: OpenConnection) {
    let endpoint = connection.endpoint
    trace?(endpoint, .opened)
    let step = state.withLock { state -> Inquiry.Step? in
      if let (inquiry, _) = state.inquiries[endpoint] { return inquiry.opened() }
      if order.known[endpoint] == nil, isBarred(endpoint) { return nil }
      let inquiry = Inquiry(order.plan(for: endpoint, isRetry: connection.isRetry))
      let step = inquiry.opened()
      state.inquiries[endpoint] = (inquiry, step.isQuestion ? .now + order.patience : nil)
      return step
    }
    // Another job has found out meanwhile that it is better left alone.
    guard let step else { return connection.settle(.done) }
    take(step, on: connection)
  }

  func missed(_ endpoint: Endpoint, _ failure: ConnectFailure) {
    trace?(endpoint, .missed(failure))
    state.withLock { state in
      state.inquiries[endpoint] = nil
      state.findings.miss(endpoint, failure)
    }
  }

  func outcome(_ summary: SweepSummary, duration: Duration) -> ScanOutcome {
    state.withLock { state in
      // The connection on which more was to be asked did not come about: what was found before stands.
      for (endpoint, (inquiry, _)) in state.inquiries where order.known[endpoint] == nil {
        if let finding = inquiry.finding { _ = state.findings.take(finding, of: endpoint) }
      }
      return state.findings.outcome(summary, duration: duration)
    }
  }

  private func isBarred(_ endpoint: Endpoint) -> Bool {
    scanner.refusals { book, now in
      // What could not be remembered is not asked where it may print.
      book.isFull && order.mayPrint(endpoint) && book.entries[endpoint] == nil
        || book.bars(endpoint, notPrinters: order.job.notPrinters, now: now)
    }
  }

  // MARK: The steps of an inquiry

  private func take(_ step: Inquiry.Step, on connection: OpenConnection) {
    switch step {
    case .examine: examine(connection)
    case .ask(let targets, let scheme): ask(targets, over: scheme, on: connection)
    case .reconnect: connection.settle(.anew)
    case .conclude: conclude(connection)
    }
  }

  private func advance(_ connection: OpenConnection, _ body: (inout Inquiry) -> Inquiry.Step) {
    let step = state.withLock { state -> Inquiry.Step? in
      guard var (inquiry, deadline) = state.inquiries[connection.endpoint] else { return nil }
      defer { state.inquiries[connection.endpoint] = (inquiry, deadline) }
      let step = body(&inquiry)
      // A slow host that always has something else to say holds up nobody.
      if step == .reconnect, let deadline, deadline < .now { return .conclude }
      if deadline == nil, step.isQuestion { deadline = .now + order.patience }
      return step
    }
    if let step { take(step, on: connection) } else { connection.settle(.done) }
  }

  private func examine(_ connection: OpenConnection) {
    let endpoint = connection.endpoint
    Examination.begin(
      of: endpoint.address, for: order, by: scanner, trace: { [trace] in trace?(endpoint, $0) }
    ) { [self] result in
      switch result {
      case .success(let suspicion): advance(connection) { $0.examined(suspicion) }
      case .failure(let failure): giveUp(connection, failure)
      }
    }
  }

  private func ask(_ targets: [String], over scheme: Scheme, on connection: OpenConnection) {
    let endpoint = connection.endpoint
    var question = Prober.Question(targets, order.search)
    do throws(LocalFailure) {
      if scheme == .https { question.tls = try order.access.tls() }
      if order.maySendCredentials(over: scheme) { question.authorization = try order.access.authorization() }
    } catch {
      return giveUp(connection, error)
    }
    guard let descriptor = connection.takeDescriptor() else { return connection.settle(.done) }
    trace?(endpoint, .connecting(scheme))
    scanner.prober.ask(
      question, descriptor: descriptor, of: endpoint, timeout: order.job.probeTimeout,
      trace: trace.map { trace in { @Sendable step in trace(endpoint, .probing(step)) } }
    ) { [self] answer in
      // What was not heard says nothing, and takes nothing from what may be known.
      if answer.verdicts.last?.breakdown == .overloaded { return giveUp(connection, .overloaded) }
      advance(connection) { inquiry in
        let step = inquiry.answered(answer.verdicts)
        if step == .reconnect, let verdict = answer.verdicts.last { trace?(endpoint, .reconnecting(verdict)) }
        return step
      }
    }
  }

  private func giveUp(_ connection: OpenConnection, _ failure: LocalFailure) {
    trace?(connection.endpoint, .untried(failure))
    state.withLock { $0.inquiries[connection.endpoint] = nil }
    connection.settle(failure == .overloaded ? .postponed(failure) : .untried(failure))
  }

  private func conclude(_ connection: OpenConnection) {
    let endpoint = connection.endpoint
    let (finding, isWorthATry) = state.withLock { state -> (Inquiry.Finding?, Bool) in
      guard let finding = state.inquiries.removeValue(forKey: endpoint)?.inquiry.finding else { return (nil, false) }
      let isWorthATry = state.findings.take(finding, of: endpoint)
      if let reason = remember(finding.verdict, of: endpoint) { state.findings.noteSuspect(endpoint, reason) }
      return (finding, isWorthATry)
    }
    if let finding { trace?(endpoint, .concluded(finding)) }
    connection.settle(isWorthATry ? .again : .done)
  }

  /// Notes what is to be left alone from now on; returns the reason where it is a suspect that was not known.
  private func remember(_ verdict: Verdict, of endpoint: Endpoint) -> String? {
    switch verdict {
    // A target that hangs is asked at each scan, for Prometheus asks it more often.
    case .printer(let suspicion) where suspicion.isCertain || order.known[endpoint] == nil:
      let reason = suspicion.description
      return scanner.noteRefusal(endpoint, .printer, reason: reason, isLenient: false) ? reason : nil
    case _ where verdict.isMute && order.known[endpoint] == nil:
      // No raw printer hangs up; what is just starting does.
      let isLenient = !order.mayPrint(endpoint) || [.unfinished(.closed), .unfinished(.reset)].contains(verdict)
      _ = scanner.noteRefusal(endpoint, .mute, reason: verdict.description, isLenient: isLenient)
    case .exporter, .busy, .other:
      // What another job takes for a printer is its affair.
      let isPardoned = order.job.notPrinters.contains(endpoint.address)
      scanner.refusals { book, _ in
        if book.entries[endpoint]?.kind == .mute || !isPardoned { book.clear(endpoint) }
      }
    // These say nothing of what is there.
    case .unfinished, .printer: break
    }
    return nil
  }
}

extension Inquiry.Step {
  fileprivate var isQuestion: Bool { if case .ask = self { true } else { false } }
}
