import Exporters
import Testing

private let names = Catalogue.builtIn.exporters.map(\.name)

@Test func knowsThoseThatAdministratorsHave() {
  #expect(names.count >= 45)
  #expect(names.contains("node_exporter"))
}

@Test(arguments: Catalogue.builtIn.exporters)
func isWellFormed(exporter: Exporter) {
  #expect(exporter.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
  // Words of the configuration.
  #expect(!["any", Identity.unknownName].contains(exporter.name))
  #expect(!exporter.ports.isEmpty && !exporter.ports.contains(0))
  #expect(Set(exporter.ports).count == exporter.ports.count)
  for target in [exporter.metricsPath, exporter.request] {
    #expect(target.wholeMatch(of: /\/[!-~]*/) != nil, "\(target)")
  }
  #expect(!exporter.metricsPath.contains { "?#".contains($0) }, "a query is no part of __metrics_path__")
}

/// These make an exporter ask others, or change something.
@Test(arguments: Catalogue.builtIn.exporters)
func asksForNothingThatHasAnEffect(exporter: Exporter) {
  for word in ["probe", "target=", "reload", "quit", "/-/"] {
    #expect(!exporter.request.contains(word))
  }
}

@Test func everyProofBelongsToOne() {
  let proofs = Catalogue.builtIn.exporters.flatMap(\.proofs)
  let repeated = Dictionary(proofs.map { ($0, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }
  #expect(repeated.isEmpty)
}

/// What client libraries add to every program says nothing of the program.
@Test(arguments: Catalogue.builtIn.exporters)
func provesByNothingThatAllProgramsHave(exporter: Exporter) {
  #expect(!exporter.proofs.isEmpty)
  let common = ["go_", "process_", "promhttp_", "python_", "jvm_", "net_conntrack_", "scrape_", "up", "build_info"]
  for proof in exporter.proofs {
    #expect(proof.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil, "\(proof)")
    #expect(!common.contains { proof.hasPrefix($0) }, "\(proof)")
  }
}

@Test(arguments: [
  (["a_build_info"], "a_build_info"), (["a_up", "a_build_info", "b_build_info"], "a_build_info"), (["a_up"], nil),
])
func aVersionStandsInTheFirstFamilyThatInforms(proofs: [String], family: String?) {
  let exporter = Exporter("a", ports: [1], proofs: proofs)
  #expect(exporter.version == family.map { Exporter.Label("version", of: $0) })
}

@Test func aVersionCanStandElsewhere() {
  let label = Exporter.Label("v", of: "b")
  #expect(Exporter("a", ports: [1], proofs: ["a_info"], version: label).version == label)
}

@Test func anExporterOfOnesOwnStandsForTheOneOfItsName() throws {
  let own = Exporter("node_exporter", ports: [19100], proofs: ["my_build_info"])
  let catalogue = Catalogue.builtIn.adding([own, Exporter("zz_exporter", ports: [1], proofs: ["zz_info"])])
  #expect(catalogue["node_exporter"] == own)
  #expect(catalogue.exporters.map(\.name) == names + ["zz_exporter"])
  #expect(try recognise(fixture("node_exporter"), in: catalogue)?.exporter == Identity.unknownName)
}
