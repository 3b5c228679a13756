import Addressing
import Configuration
import Exporters
import Testing

private func scan(
  _ ranges: [String], ports: [Int] = [], exporters: [String] = [], over base: Settings? = nil
) throws(ConfigurationError) -> Settings {
  try Settings(ranges: ranges, ports: ports, exporters: exporters, catalogue: catalogue, over: base)
}

private func refusal(_ ranges: [String], ports: [Int] = [], exporters: [String] = []) -> String {
  do throws(ConfigurationError) {
    _ = try scan(ranges, ports: ports, exporters: exporters)
    return ""
  } catch {
    return "\(error)"
  }
}

@Test func scansRangesWithoutAFile() throws {
  let settings = try scan(["10.0.1-9.1-99", "fd00::1"])
  #expect(settings.rate == 1000)
  #expect(settings.jobs.map(\.name) == ["scan"])
  #expect(settings.jobs[0].endpoints.count == 892)
  #expect(settings.jobs[0].endpoints.ports == [9100])
  #expect(settings.jobs[0].exporters.map(\.name) == ["node_exporter"])
  #expect(settings.jobs[0].rangeCounts.map(\.addresses) == [891, 1])
}

@Test func takesPortsAndExportersFromArguments() throws {
  let byPort = try scan(["10.0.0.1"], ports: [9200, 9100])
  #expect(byPort.jobs[0].endpoints.ports == [9100, 9200])
  let byExporter = try scan(["10.0.0.1"], exporters: ["redis_exporter"])
  #expect(byExporter.jobs[0].endpoints.ports == [9121])
  #expect(byExporter.jobs[0].exporters.map(\.name) == ["redis_exporter"])
}

@Test func keepsToTheGlobalPartOfAFile() throws {
  let base = try settings(
    """
    global: {rate: 5, probe_timeout: 7s, max_addresses: 10, allow_public: true, exclude: [8.8.8.8]}
    scan_configs: [{job_name: node, ranges: [10.0.0.1], exclude: [8.8.8.7], labels: {a: b}}]
    """)
  let settings = try scan(["8.8.8.7-8.8.8.9"], over: base)
  #expect(settings.rate == 5)
  #expect(settings.jobs.map(\.name) == ["scan"])
  #expect(settings.jobs[0].probeTimeout == .seconds(7))
  #expect(settings.jobs[0].labels == [:])
  #expect(settings.jobs[0].endpoints.addresses.spans.map(\.description) == ["8.8.8.7", "8.8.8.9"])
  #expect(throws: ConfigurationError.self) { try scan(["8.8.8.0/24"], over: base) }
}

@Test func namesTheArgumentThatIsWrong() {
  #expect(
    refusal(["10.0.0.5/24", "8.8.8.8", "printer"], ports: [0, 9100, 9100], exporters: ["node_exportr"]) == """
      RANGE: '10.0.0.5/24' has host bits set; write '10.0.0.0/24' or '10.0.0.5/32'
      RANGE: 'printer' is not an address, a prefix, 'a-b' or octet ranges; names are not looked up
      --port: '0' is not a port from 1 to 65535
      --port: '9100' stands here twice
      --exporter: unknown exporter 'node_exportr'; did you mean 'node_exporter'?
      RANGE: '8.8.8.8' holds 8.8.8.8, a public address; write 'allow_public: true' if you may scan it
      """)
  #expect(
    refusal(["10.0.0.0/8"])
      == "RANGE: 16777214 addresses are more than the max_addresses of 65536; raise it in 'global' or write fewer"
  )
  #expect(refusal([]) == "RANGE: 'ranges' is empty; it needs at least one item")
  #expect(refusal(Array(repeating: "x", count: 150)).hasSuffix("\nRANGE: 50 mistakes more"))
}

@Test func takesAnyFromArgumentsTogetherWithPorts() throws {
  let alone = try scan(["10.0.0.1"], ports: [9200], exporters: ["any"])
  #expect(alone.jobs[0].listsAny)
  #expect(alone.jobs[0].exporters.isEmpty)
  #expect(alone.jobs[0].endpoints.ports == [9200])
  let withOne = try scan(["10.0.0.1"], exporters: ["redis_exporter", "any"])
  #expect(withOne.jobs[0].listsAny)
  #expect(withOne.jobs[0].endpoints.ports == [9121])
  #expect(
    refusal(["10.0.0.1"], exporters: ["any"])
      == "--exporter: 'any' has no port of its own; write those to try in '--port'")
  #expect(
    refusal(["10.0.0.1"], exporters: ["jvm"])
      == "--exporter: exporter 'jvm' has no port of its own; write those to try in '--port'")
  #expect(
    refusal(["10.0.0.1"], exporters: ["any", "kafka"])
      == "--exporter: unknown exporter 'kafka'; 'subnet-sd exporters' lists those that are known")
}

@Test func knowsTheExportersOfTheFileItIsGiven() throws {
  let base = try settings(
    """
    global: {not_printers: [10.0.0.0/24]}
    exporters: [{name: my_app, ports: [8080], proofs: [my_app_info]}]
    scan_configs: [{job_name: node, ranges: [10.0.0.1]}]
    """)
  let settings = try scan(["10.0.0.1"], exporters: ["my_app"], over: base)
  #expect(settings.catalogue == base.catalogue)
  #expect(settings.jobs[0].exporters.map(\.name) == ["my_app"])
  #expect(settings.jobs[0].endpoints.ports == [8080])
  #expect(settings.jobs[0].notPrinters.count == 256)
}
