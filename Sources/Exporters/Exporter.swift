/// A kind of software that answers with an exposition, and how to tell it.
package struct Exporter: Hashable, Sendable {
  /// A label of a metric family.
  package struct Label: Hashable, Sendable {
    package var family: String
    package var name: String

    package init(_ name: String, of family: String) {
      self.family = family
      self.name = name
    }
  }

  /// The name that stands in the configuration and in `__meta_subnet_sd_exporter`.
  package var name: String
  /// Where it listens if nobody says otherwise; none for software that has no port of its own.
  package var ports: [UInt16]
  package var scheme: Scheme
  /// Where Prometheus scrapes it.
  package var metricsPath: String
  /// The cheapest request target that proves identity.
  package var request: String
  /// Metric families that only this exporter has, at least one of which is in every answer to `request`.
  package var proofs: [String]
  /// Where its version stands; nil where it tells none.
  package var version: Label?
  /// Where the name stands that the machine has itself; nil where the exporter does not tell it.
  package var nodename: Label?
  /// What a refusal of `request` with status 400 says that only this exporter says; empty where that proves nothing.
  package var refusalWords: [String]

  /// Where Prometheus scrapes if nobody says otherwise.
  package static let usualPath = "/metrics"

  /// `request` is the metrics path if not given, `version` what `usualVersion(of:)` says.
  package init(
    _ name: String, ports: [UInt16], scheme: Scheme = .http, metricsPath: String = usualPath, request: String? = nil,
    proofs: [String], version: Label? = nil, nodename: Label? = nil, refusalWords: [String] = []
  ) {
    self.name = name
    self.ports = ports
    self.scheme = scheme
    self.metricsPath = metricsPath
    self.request = request ?? metricsPath
    self.proofs = proofs
    self.version = version ?? Self.usualVersion(of: proofs)
    self.nodename = nodename
    self.refusalWords = refusalWords
  }

  /// Whether a text can be the path of a URL: printable ASCII without blanks, of 1,024 bytes at most.
  package static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= 1_024 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// The label `version` of the first that ends in `_info`, as families of that kind do; nil if none does.
  package static func usualVersion(of proofs: [String]) -> Label? {
    proofs.first { $0.hasSuffix("_info") }.map { Label("version", of: $0) }
  }
}
