import Exporters
import Support
import Testing

private let names = Catalogue.builtIn.exporters.map(\.name)

@Test(arguments: names)
func isRecognisedAsItselfWhateverIsWanted(name: String) throws {
  let text = try fixture(name)
  #expect(text.first == UInt8(ascii: "#"), "the first line says where it comes from")
  for wanted in [[], [name], names, names.reversed(), names.filter { $0 != name }] {
    #expect(recognise(text, wanting: wanted)?.exporter == name)
  }
}

@Test(arguments: names)
func theOrderOfLinesDoesNotMatter(name: String) throws {
  let text = try lines(of: fixture(name))
  let expected = recognise(text)
  var random = SplitMix(seed: 1)
  for _ in 0..<20 {
    #expect(recognise(text.shuffled(using: &random)) == expected)
  }
}

/// Reading stops where nothing more can change, and not because a line too few was looked at.
@Test(arguments: names)
func readsOnAsLongAsThereIsMoreToLearn(name: String) throws {
  let text = try lines(of: fixture(name))
  var random = SplitMix(seed: 2)
  for wanted in [[name], names, [], ["node_exporter", name]] {
    for order in [text] + (0..<10).map({ _ in text.shuffled(using: &random) }) {
      var recognition = Recognition(Search(.builtIn, for: wanted))
      guard order.contains(where: { !recognition.read($0) }) else { continue }
      #expect(recognition.identity == recognise(order, wanting: wanted))
    }
  }
}

/// Built by Debian without a version, or before its family had the name it has now.
private let silent = [
  "mongodb_exporter", "nextcloud_exporter", "nginx_exporter", "process_exporter", "sql_exporter", "victoriametrics",
  "vmagent", "vmalert",
]

@Test(arguments: Catalogue.builtIn.exporters)
func tellsItsVersionWhereTheCatalogueSaysSo(exporter: Exporter) throws {
  let version = try recognise(fixture(exporter.name))?.version
  #expect((version != nil) == (exporter.version != nil && !silent.contains(exporter.name)))
}

@Test(arguments: [
  Identity(exporter: "cadvisor", version: "v0.55.1"),
  Identity(exporter: "dcgm_exporter", nodename: "gpu1"),
  Identity(exporter: "etcd", version: "3.4.23"),
  Identity(exporter: "exporter_exporter", version: "0.4.0"),
  Identity(exporter: "fail2ban_exporter", version: "0.5.0"),
  Identity(exporter: "haproxy", version: "2.6.12-1+deb12u4"),
  Identity(exporter: "kubelet", version: "v1.31.2", nodename: "worker1"),
  Identity(exporter: "netdata", version: "v1.37.1", nodename: "db1"),
  Identity(exporter: "node_exporter", version: "1.5.0", nodename: "db1"),
  Identity(exporter: "prometheus", version: "2.42.0+ds"),
  Identity(exporter: "rabbitmq", version: "4.2.0"),
  Identity(exporter: "windows_exporter", version: "0.31.3", nodename: "PC1"),
])
func tellsVersionAndName(expected: Identity) throws {
  var identity = try recognise(fixture(expected.exporter))
  identity?.startTime = nil
  #expect(identity == expected)
}

@Test func tellsWhenItsProcessBegan() throws {
  #expect(try recognise(fixture("windows_exporter"))?.startTime == 1.75e9)
  #expect(try recognise(fixture("varnish_exporter"))?.startTime == nil)
}
