/// An exporter that cannot be described or named so.
package enum ExporterProblem: Hashable, Sendable {
  case name(String)
  /// `any` or `unknown`, which mean something already.
  case reservedName(String)
  case nameTaken(String, first: Place)
  case path(String, key: String)
  /// Prometheus escapes it.
  case questionMark(String)
  case family(String)
  case commonProof(String)
  case proofTaken(String, exporter: String)
  case unknown(String, known: [String])
  /// The key or the argument is where ports are given.
  case noPorts(String, key: String)
  case noPortsOfAny(key: String)

  static let maxExporters = 200
  /// How many ports and how many proofs one may have; each job that names it has a copy.
  static let maxItems = 32
  static let maxNameBytes = 64
  static let maxPathBytes = 1024
  static let maxFamilyBytes = 255
}

extension ExporterProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .name(let text):
      "'\(text.excerpt)' is not an exporter's name; write up to \(Self.maxNameBytes) lower-case letters, digits "
        + "and '_', a letter first"
    case .reservedName(let text):
      "'\(text)' cannot be an exporter's name, as it means something already; write another"
    case .nameTaken(let name, let first):
      "'\(name)' is already the name of the exporter at \(first)"
    case .path(let text, let key):
      "'\(text.excerpt)' is not a \(key); write '/' and up to \(Self.maxPathBytes - 1) ASCII characters "
        + "without spaces and '#'"
    case .questionMark(let text):
      "'\(text.excerpt)' is not a metrics_path, as Prometheus takes '?' for a part of the path; "
        + "write parameters in 'request' and in prometheus.yml"
    case .family(let text):
      "'\(text.excerpt)' is not a metric name; write up to \(Self.maxFamilyBytes) letters, digits, '_' and ':', "
        + "no digit first"
    case .commonProof(let family):
      "'\(family.excerpt)' proves nothing, as many programs have it; write a family that only this exporter has"
    case .proofTaken(let family, let exporter):
      "'\(family.excerpt)' is already a proof of '\(exporter)'; write a family that only this exporter has"
    case .unknown(let name, let known):
      if let near = Self.nearest(to: name, among: known) {
        "unknown exporter '\(name.excerpt)'; did you mean '\(near.excerpt)'?"
      } else {
        "unknown exporter '\(name.excerpt)'; 'subnet-sd exporters' lists those that are known"
      }
    case .noPorts(let name, let key):
      "exporter '\(name)' has no port of its own; write those to try in '\(key)'"
    case .noPortsOfAny(let key):
      "'any' has no port of its own; write those to try in '\(key)'"
    }
  }

  /// Many leave out the end of a name that nearly all have in common.
  private static func nearest(to name: String, among known: [String]) -> String? {
    let full = name + "_exporter"
    return known.contains(full) ? full : Spelling.nearest(to: name, among: known)
  }
}
