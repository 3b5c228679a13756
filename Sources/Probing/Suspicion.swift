/// Why an endpoint may be a printer, which would print what it is sent.
package enum Suspicion: Hashable, Sendable {
  /// The address accepts connections on the port of LPD.
  case lpd
  /// It accepts connections on the port of IPP, and what answers there is not CUPS; the server as it calls itself.
  case ipp(server: String?)
  /// It accepts connections there, and nothing answers in time: a printer, or a computer that hangs.
  case silentIPP

  /// The ports on which printers print what they are sent: 9100 to 9107 on all, the others on some models.
  package static let ports: Set<UInt16> = Set(9_100...9_109).union(9_112...9_116).union([9_999])
  /// RFC 1179, section 3.1; RFC 8010, section 4.
  package static let lpdPort: UInt16 = 515
  package static let ippPort: UInt16 = 631

  /// Judges what answers on the port of IPP, where nobody listens on that of LPD: a computer whose CUPS is open to the
  /// network says so in each of its answers, whatever else is a suspect.
  package static func judging(_ answer: Prober.Answer) -> Suspicion? {
    if answer.server?.hasPrefix("CUPS/") == true { return nil }
    return answer.verdicts.contains(where: \.isAnswer) ? .ipp(server: answer.server) : .silentIPP
  }

  /// Whether it says enough to take a known exporter from the list.
  package var isCertain: Bool { self != .silentIPP }
}

extension Suspicion: CustomStringConvertible {
  package var description: String {
    switch self {
    case .lpd: "may be a printer: it accepts connections on port \(Self.lpdPort) (LPD)"
    case .ipp(let server?): "may be a printer: '\(server)' answers on port \(Self.ippPort) (IPP)"
    case .ipp(nil): "may be a printer: something answers on port \(Self.ippPort) (IPP)"
    case .silentIPP: "may be a printer: it accepts connections on port \(Self.ippPort) (IPP)"
    }
  }
}
