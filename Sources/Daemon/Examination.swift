internal import Addressing
internal import Probing
internal import Sweeping
internal import Synchronization

/// Finds out whether an address may be a printer's, without a byte to the port that is in question.
///
/// Knocks at the ports of LPD and IPP at once, and asks what answers at the latter over HTTP, which IPP is.
final class Examination: Sendable {
  /// What came of it; a failure of this machine's says nothing of the address.
  typealias Result = Swift.Result<Suspicion?, LocalFailure>

  private enum Port {
    case waiting
    case closed
    case open(server: String?)
    case untried(LocalFailure)
  }

  private let ports = Mutex<(lpd: Port, ipp: Port)>((.waiting, .waiting))
  private let address: Address
  private let trace: @Sendable (ScanStep) -> Void
  private let body: @Sendable (Result) -> Void

  private init(
    of address: Address, trace: @escaping @Sendable (ScanStep) -> Void, _ body: @escaping @Sendable (Result) -> Void
  ) {
    self.address = address
    self.trace = trace
    self.body = body
  }

  /// `body` hears the result once, on whatever thread it comes from.
  static func begin(
    of address: Address, _ sweeper: Sweeper, _ prober: Prober, _ question: Prober.Question, timeout: Duration,
    trace: @escaping @Sendable (ScanStep) -> Void, _ body: @escaping @Sendable (Result) -> Void
  ) {
    let examination = Examination(of: address, trace: trace, body)
    sweeper.knock(at: Endpoint(address: address, port: Suspicion.lpdPort)) { result in
      let port: Port
      switch result {
      case .open(let connection):
        connection.settle(.done)
        port = .open(server: nil)
      case .failed: port = .closed
      case .local(let failure): port = .untried(failure)
      }
      trace(.knocked(port: Suspicion.lpdPort, result.answer))
      examination.note { $0.lpd = port }
    }
    sweeper.knock(at: Endpoint(address: address, port: Suspicion.ippPort)) { result in
      trace(.knocked(port: Suspicion.ippPort, result.answer))
      switch result {
      case .open(let connection):
        guard let descriptor = connection.takeDescriptor() else {
          return examination.note { $0.ipp = .open(server: nil) }
        }
        prober.ask(question, descriptor: descriptor, of: connection.endpoint, timeout: timeout) { answer in
          connection.settle(.done)
          trace(.server(answer.server))
          examination.note { $0.ipp = .open(server: answer.server) }
        }
      case .failed: examination.note { $0.ipp = .closed }
      case .local(let failure): examination.note { $0.ipp = .untried(failure) }
      }
    }
  }

  private func note(_ change: (inout (lpd: Port, ipp: Port)) -> Void) {
    let result = ports.withLock { ports -> Result? in
      change(&ports)
      return Self.result(ports)
    }
    if let result { body(result) }
  }

  /// Nil until both ports are known.
  private static func result(_ ports: (lpd: Port, ipp: Port)) -> Result? {
    switch ports {
    case (.waiting, _), (_, .waiting): nil
    case (.open, _): .success(.lpd)
    case (.untried(let failure), _), (_, .untried(let failure)): .failure(failure)
    case (.closed, .closed): .success(nil)
    case (.closed, .open(let server)): .success(Suspicion.judging(ippServer: server))
    }
  }
}

extension KnockResult {
  fileprivate var answer: ScanStep.Answer {
    switch self {
    case .open: .accepts
    case .failed(let failure): .failed(failure)
    case .local(let failure): .untried(failure)
    }
  }
}
