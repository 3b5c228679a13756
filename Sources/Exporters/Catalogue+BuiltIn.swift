extension Catalogue {
  /// The exporters that everybody can name in `exporters`.
  package static let builtIn = Catalogue([
    // Asked for the one cheap collector `uname`, some 64 lines. Where that is switched off the answer is a 400 that
    // names it, in words only this exporter uses (node_exporter.go, innerHandler).
    Exporter(
      "node_exporter", ports: [9100], request: "/metrics?collect%5B%5D=uname", proofs: ["node_exporter_build_info"],
      nodename: .init("nodename", of: "node_uname_info"),
      refusalWords: ["Couldn't create filtered metrics handler", "collector: uname"])
  ])
}
