internal import Addressing
internal import Configuration
internal import Probing
internal import Sweeping
internal import Synchronization

/// Finds out whether an address may be a printer's, without a byte to the port that is in question.
///
/// Knocks at the ports of LPD and IPP at once, and asks what answers at the latter over HTTP, which IPP is.
final class Examination: Sendable {
  /// What came of it; a failure of this machine's says nothing of the address.
  typealias Result = Swift.Result<Suspicion?, LocalFailure>

  private enum Port: Sendable {
    case waiting
    case closed
    /// It accepts connections, which makes it suspect, or not.
    case open(Suspicion?)
    case untried(LocalFailure)
  }

  private let ports = Mutex<(lpd: Port, ipp: Port)>((.waiting, .waiting))
  private let trace: @Sendable (ScanStep) -> Void
  private let body: @Sendable (Result) -> Void

  private init(trace: @escaping @Sendable (ScanStep) -> Void, _ body: @escaping @Sendable (Result) -> Void) {
    self.trace = trace
    self.body = body
  }

  /// `body` hears the result once, on whatever thread it comes from.
  static func begin(
    of address: Address, for order: ScanOrder, by scanner: Scanner, trace: @escaping @Sendable (ScanStep) -> Void,
    _ body: @escaping @Sendable (Result) -> Void
  ) {
    let examination = Examination(trace: trace, body)
    examination.knock(at: Endpoint(address: address, port: Suspicion.lpdPort), order, scanner) { connection in
      connection.settle(.done)
      examination.note { $0.lpd = .open(.lpd) }
    } orElse: { port in
      examination.note { $0.lpd = port }
    }
    examination.knock(at: Endpoint(address: address, port: Suspicion.ippPort), order, scanner) { connection in
      guard let descriptor = connection.takeDescriptor() else {
        return examination.note { $0.ipp = .open(.silentIPP) }
      }
      scanner.prober.ask(
        Prober.Question(["/"], order.search), descriptor: descriptor, of: connection.endpoint,
        timeout: order.job.probeTimeout
      ) { answer in
        connection.settle(.done)
        trace(.server(answer.server))
        examination.note { ports in
          ports.ipp =
            switch answer.verdicts.last?.breakdown {
            case .failed(let errno): .untried(LocalFailure(errno: errno))
            case .overloaded: .untried(.overloaded)
            default: .open(Suspicion.judging(answer))
            }
        }
      }
    } orElse: { port in
      examination.note { $0.ipp = port }
    }
  }

  private func knock(
    at endpoint: Endpoint, _ order: ScanOrder, _ scanner: Scanner,
    then open: @escaping @Sendable (OpenConnection) -> Void,
    orElse closed: @escaping @Sendable (Port) -> Void
  ) {
    scanner.sweeper.knock(at: endpoint, timeout: order.job.connectTimeout) { [trace] result in
      trace(.knocked(port: endpoint.port, result.answer))
      switch result {
      case .open(let connection): open(connection)
      case .failed: closed(.closed)
      case .local(let failure): closed(.untried(failure))
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
    case (.open(let suspicion), _): .success(suspicion)
    case (.untried(let failure), _), (_, .untried(let failure)): .failure(failure)
    case (.closed, .closed): .success(nil)
    case (.closed, .open(let suspicion)): .success(suspicion)
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
