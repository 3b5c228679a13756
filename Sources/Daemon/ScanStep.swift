package import Exporters
package import Probing
package import Sweeping

/// What happens to one endpoint in a scan, for whoever wants to follow it.
package enum ScanStep: Sendable {
  case opened
  case missed(ConnectFailure)
  /// The address was knocked at on another port, to find out whether it is a printer.
  case knocked(port: UInt16, Answer)
  /// What answered on the port of IPP calls itself so.
  case server(String?)
  case connecting(Scheme)
  case probing(Prober.Step)
  /// An answer with which the connection was closed; there is more to ask.
  case reconnecting(Verdict)
  case untried(LocalFailure)
  case concluded(Inquiry.Finding)

  package enum Answer: Sendable {
    case accepts
    case failed(ConnectFailure)
    case untried(LocalFailure)
  }
}
