import Addressing
import Configuration
import Exporters
import Testing

/// The settings of one job that lists `names`, with `exporters` described in the same file.
private func settings(_ exporters: String, listing names: String) throws(ConfigurationError) -> Settings {
  try settings(
    """
    scan_configs: [{job_name: node, ranges: [10.0.0.1], exporters: [\(names)]}]
    exporters: \(exporters)
    """)
}

@Test func fillsInWhatAnExporterLeavesOut() throws {
  let settings = try settings("[{name: my_app, ports: [8080], proofs: [my_app_info, my_app_up]}]", listing: "my_app")
  let exporter = Exporter("my_app", ports: [8080], proofs: ["my_app_info", "my_app_up"])
  #expect(exporter.version == .init("version", of: "my_app_info"))
  #expect(settings.jobs[0].exporters == [exporter])
  #expect(settings.jobs[0].endpoints.ports == [8080])
  #expect(settings.catalogue == catalogue.adding([exporter]))
}

@Test func readsEveryKeyOfAnExporter() throws {
  let settings = try settings(
    """

      - name: a1_\(String(repeating: "x", count: 61))
        ports: [65535, 1]
        scheme: https
        metrics_path: /actuator/prometheus
        request: "/actuator/prometheus?name[]=a&b=%20"
        proofs: [_a, "b:c", \(String(repeating: "D", count: 255))]
        version: {family: app_build_info, label: tag}
        nodename: {family: app_host, label: _host}
    """, listing: "a1_\(String(repeating: "x", count: 61))")
  #expect(
    settings.jobs[0].exporters == [
      Exporter(
        "a1_\(String(repeating: "x", count: 61))", ports: [65535, 1], scheme: .https,
        metricsPath: "/actuator/prometheus", request: "/actuator/prometheus?name[]=a&b=%20",
        proofs: ["_a", "b:c", String(repeating: "D", count: 255)], version: .init("tag", of: "app_build_info"),
        nodename: .init("_host", of: "app_host"))
    ])
}

@Test func asksForTheMetricsPathUnlessToldOtherwise() throws {
  let settings = try settings(
    "[{name: a, ports: [1], proofs: [a], metrics_path: /m}, {name: b, ports: [1], proofs: [b], request: /r}]",
    listing: "a, b")
  #expect(settings.jobs[0].exporters.map(\.request) == ["/m", "/r"])
  #expect(settings.jobs[0].exporters.map(\.metricsPath) == ["/m", "/metrics"])
}

@Test(arguments: ["", "[]", "~"])
func exportersMayBeCommentedOut(text: String) throws {
  #expect(try settings(text, listing: "node_exporter").catalogue == catalogue)
}

@Test func anExporterStandsForTheBuiltInOneOfItsName() throws {
  let settings = try settings(
    """
    [{name: node_exporter, ports: [9101], proofs: [node_exporter_build_info]},
     {name: redis_exporter, ports: [1], proofs: [r]}, {name: mine, proofs: [redis_exporter_build_info]}]
    """, listing: "node_exporter, mysqld_exporter")
  #expect(settings.jobs[0].endpoints.ports == [9101, 9104])
  #expect(settings.catalogue["node_exporter"]?.ports == [9101])
  #expect(settings.catalogue["mine"]?.proofs == ["redis_exporter_build_info"])
  #expect(settings.catalogue.exporters.count == 5)
}

@Test func theDefaultIsTheNodeExporterOfTheFile() throws {
  let settings = try settings(
    """
    exporters: [{name: node_exporter, ports: [9101], proofs: [node_exporter_build_info]}]
    scan_configs: [{job_name: node, ranges: [10.0.0.1]}]
    """)
  #expect(settings.jobs[0].endpoints.ports == [9101])
}

@Test func aChangedDefinitionMakesAnotherJob() throws {
  let before = try settings("[{name: my_app, ports: [1], proofs: [a]}]", listing: "my_app")
  let after = try settings("[{name: my_app, ports: [1], proofs: [a], request: /x}]", listing: "my_app")
  #expect(before.jobs != after.jobs)
}

@Test func anyGoesWithPortsOrWithAnExporterThatHasSome() throws {
  let alone = try settings("scan_configs: [{job_name: node, ranges: [10.0.0.1], exporters: [any], ports: [9200]}]")
  #expect(alone.jobs[0].exporters.isEmpty)
  #expect(alone.jobs[0].listsAny)
  #expect(alone.jobs[0].endpoints.ports == [9200])
  let mixed = try settings("", listing: "any, redis_exporter")
  #expect(mixed.jobs[0].exporters.map(\.name) == ["redis_exporter"])
  #expect(mixed.jobs[0].listsAny)
  #expect(mixed.jobs[0].endpoints.ports == [9121])
  #expect(try settings("", listing: "redis_exporter").jobs[0].listsAny == false)
}

@Test func anExporterWithoutPortsTakesThoseOfTheJob() throws {
  let settings = try settings(
    "scan_configs: [{job_name: node, ranges: [10.0.0.1], exporters: [jvm, node_exporter], ports: [9404]}]")
  #expect(settings.jobs[0].exporters.map(\.name) == ["jvm", "node_exporter"])
  #expect(settings.jobs[0].endpoints.ports == [9404])
}

@Test func takesTwoHundredExporters() throws {
  let entries = (0..<200).map { "{name: e\($0), ports: [\($0 + 1)], proofs: [p\($0)]}" }
  let settings = try settings("[\(entries.joined(separator: ", "))]", listing: "e199, e0")
  #expect(settings.catalogue.exporters.count == 204)
  #expect(settings.jobs[0].endpoints.ports == [1, 200])
}
