import Addressing
import Configuration
import Exporters
import Testing

func settings(_ text: String) throws(ConfigurationError) -> Settings {
  try Settings(parsing: Array(text.utf8), file: "config.yml", catalogue: catalogue)
}

@Test func fillsInEveryDefault() throws {
  let settings = try settings("scan_configs: [{job_name: node, ranges: [10.0.0.0/24]}]")
  #expect(settings.rate == 1000)
  #expect(settings.concurrency == 1024)
  #expect(settings.maxAddresses == 65_536)
  #expect(settings.defaults == JobDefaults())
  #expect(settings.defaults.allowPublic == false)
  let job = try #require(settings.jobs.first)
  #expect(settings.jobs.count == 1)
  #expect(job.name == "node")
  #expect(job.scanInterval == .seconds(60))
  #expect(job.connectTimeout == .milliseconds(300))
  #expect(job.probeTimeout == .seconds(2))
  #expect(job.removeAfter == .after(.seconds(86_400)))
  #expect(job.maxLossPercent == 15)
  #expect(job.holdLimit == .after(.seconds(7 * 86_400)))
  #expect(job.duplicates == .keep)
  #expect(job.sweep == .connect)
  #expect(!job.spread)
  #expect(job.exporters == [catalogue["node_exporter"]])
  #expect(job.listsAny == false)
  #expect(job.scheme == .auto)
  #expect(job.tls == TLSSettings())
  #expect(job.credentials == nil)
  #expect(job.notPrinters.isEmpty)
  #expect(job.targetLabels == [])
  #expect(settings.catalogue == catalogue)
  #expect(job.targetFile == "service_discovery.yml")
  #expect(job.fileMode == 0o644)
  #expect(job.groupBy == 24)
  #expect(job.labels == [:])
  #expect(job.endpoints.count == 254)
  #expect(job.endpoints.ports == [9100])
}

@Test func readsEveryKey() throws {
  let settings = try settings(
    """
    global:
      scan_interval: 1m
      connect_timeout: 300ms
      probe_timeout: 2s
      rate: 1000
      concurrency: 1024
      max_addresses: 65536
      remove_after: 24h
      max_loss: 15%
      hold_limit: 7d
      duplicates: keep
      sweep: connect
      spread: false
      allow_public: false
      exclude: []
      not_printers: []
    scan_configs:
      - job_name: node
        ranges: [10.0.1-9.1-99, 10.8.0.0/22, 10.9.0.10-10.9.0.40, "fd00:1::/120", 172.16.4.7]
        exclude: [10.0.3.7]
        exporters: [node_exporter]
        ports: [9101, 9100]
        not_printers: []
        target_labels: []
        target_file: service_discovery.yml
        file_mode: "0640"
        group_by: 22
        labels: {env: prod, rack: 5, "on": true, empty: "", __param_x: é}
    """)
  let job = try #require(settings.jobs.first)
  #expect(
    job.rangeCounts.map(\.text)
      == ["10.0.1-9.1-99", "10.8.0.0/22", "10.9.0.10-10.9.0.40", "fd00:1::/120", "172.16.4.7"])
  #expect(job.rangeCounts.map(\.addresses) == [890, 1022, 31, 256, 1])
  #expect(job.endpoints.addresses.count == 2200)
  #expect(job.endpoints.count == 4400)
  #expect(job.endpoints.ports == [9100, 9101])
  #expect(job.fileMode == 0o640)
  #expect(job.groupBy == 22)
  #expect(job.labels == ["env": "prod", "rack": "5", "on": "true", "empty": "", "__param_x": "é"])
}

@Test func countsOctetRanges() throws {
  let settings = try settings("scan_configs: [{job_name: node, ranges: [10.0.1-9.1-99]}]")
  #expect(settings.jobs[0].endpoints.count == 891)
}

@Test func jobsOverrideGlobalAndAddToItsExcludes() throws {
  // 'global' counts for all jobs, wherever it stands.
  let settings = try settings(
    """
    scan_configs:
      - job_name: own
        target_file: own.yml
        ranges: [8.8.8.0/30, 10.0.0.0/30]
        exclude: [8.8.8.1]
        scan_interval: 5m
        connect_timeout: 1s
        probe_timeout: 10s
        remove_after: never
        max_loss: 100%
        hold_limit: never
        duplicates: first
        sweep: connect
        spread: false
        allow_public: true
      - job_name: inherited
        ranges: [10.0.0.0/29]
    global:
      rate: 50
      concurrency: 7
      max_addresses: 6
      scan_interval: 2m
      connect_timeout: 200ms
      probe_timeout: 3s
      remove_after: 0s
      max_loss: 0%
      hold_limit: 1d
      sweep: syn
      spread: true
      exclude: [10.0.0.1, 192.168.0.0/16]
    """)
  #expect(settings.rate == 50)
  #expect(settings.concurrency == 7)
  #expect(settings.maxAddresses == 6)
  let (own, inherited) = (settings.jobs[0], settings.jobs[1])
  #expect(own.scanInterval == .seconds(300))
  #expect(own.connectTimeout == .seconds(1))
  #expect(own.probeTimeout == .seconds(10))
  #expect(own.removeAfter == .never)
  #expect((own.maxLossPercent, own.holdLimit, own.duplicates) == (100, .never, .first))
  #expect((own.sweep, own.spread) == (.connect, false))
  #expect(own.endpoints.addresses.spans.map(\.description) == ["8.8.8.2", "10.0.0.2"])
  #expect(inherited.scanInterval == .seconds(120))
  #expect(inherited.connectTimeout == .milliseconds(200))
  #expect(inherited.probeTimeout == .seconds(3))
  #expect(inherited.removeAfter == .after(.zero))
  #expect((inherited.maxLossPercent, inherited.holdLimit) == (0, .after(.seconds(86_400))))
  #expect(inherited.duplicates == .keep)
  #expect((inherited.sweep, inherited.spread) == (.syn, true))
  #expect(inherited.endpoints.addresses.spans.map(\.description) == ["10.0.0.2-10.0.0.6"])
}

@Test func aJobCanTakeBackWhatGlobalAllows() {
  let text = """
    global: {allow_public: true}
    scan_configs: [{job_name: node, ranges: [8.8.8.8], allow_public: false}]
    """
  #expect(
    messages(for: text.utf8)
      == "config.yml:2:42: '8.8.8.8' holds 8.8.8.8, a public address; write 'allow_public: true' if you may scan it"
  )
}

@Test func portsComeFromAllExporters() throws {
  let settings = try settings(
    "scan_configs: [{job_name: node, ranges: [10.0.0.1], exporters: [redis_exporter, node_exporter]}]")
  #expect(settings.jobs[0].exporters.map(\.name) == ["redis_exporter", "node_exporter"])
  #expect(settings.jobs[0].endpoints.ports == [9100, 9121])
}

@Test func excludesMeanWholePrefixesAndRangesTheirHosts() throws {
  let settings = try settings(
    "scan_configs: [{job_name: node, ranges: [10.0.0.0/30, 10.0.0.3-10.0.0.5], exclude: [10.0.0.4/30]}]")
  #expect(settings.jobs[0].endpoints.addresses.spans.map(\.description) == ["10.0.0.1-10.0.0.3"])
}

@Test func exactlyMaxAddressesMayBeScanned() throws {
  let settings = try settings(
    "{global: {max_addresses: 3}, scan_configs: [{job_name: node, ranges: [10.0.0.1-10.0.0.3]}]}")
  #expect(settings.jobs[0].endpoints.count == 3)
}

@Test func takesTheLargestOfEverything() throws {
  let settings = try settings(
    """
    global: {rate: 1000000, concurrency: 65536, max_addresses: 4294967295, scan_interval: 1y}
    scan_configs:
      - job_name: v6
        ranges: ["fd00::/97"]
        ports: [1, 65535]
        remove_after: 10y
        connect_timeout: 1m
        probe_timeout: 60s
        group_by: 0
        file_mode: 777
        target_file: \(String(repeating: "d/", count: 900))\(String(repeating: "x", count: 196)).yml
    """)
  #expect(settings.jobs[0].endpoints.count == 1 << 32)
}

@Test(arguments: ["0400", "0644", "644", "\"0644\"", "0777"])
func takesFileModes(text: String) throws {
  let settings = try settings(
    "scan_configs: [{job_name: node, ranges: [10.0.0.1], file_mode: \(text)}]")
  #expect(settings.jobs[0].fileMode == UInt32(text.filter { $0 != "\"" }, radix: 8))
}

@Test(arguments: ["targets.json", "sub/targets.yaml", "/srv/file_sd/targets.yml", "./a.b.yml", "~x.yml"])
func keepsTheTargetFileAsItIsWritten(path: String) throws {
  let settings = try settings(
    "scan_configs: [{job_name: node, ranges: [10.0.0.1], target_file: \(path)}]")
  #expect(settings.jobs[0].targetFile == path)
}

@Test func readsJSON() throws {
  let settings = try settings(
    #"{"scan_configs":[{"job_name":"node","ranges":["10.0.0.1"],"ports":[9100],"labels":{"a":"b"}}]}"#)
  #expect(settings.jobs[0].labels == ["a": "b"])
}

@Test func addsPlacesWithoutPrintersToThoseOfGlobal() throws {
  let settings = try settings(
    """
    scan_configs:
      - {job_name: a, ranges: [10.0.0.1], target_file: a.yml, not_printers: [10.0.1.0/30, "fd00::/127"]}
      - {job_name: b, ranges: [10.0.0.1], target_file: b.yml}
    global: {not_printers: [10.0.0.0/31]}
    """)
  #expect(settings.defaults.notPrinters.map(\.description) == ["10.0.0.0-10.0.0.1"])
  // Whole prefixes, as in 'exclude'; and nothing of it is excluded.
  #expect(
    settings.jobs[0].notPrinters.spans.map(\.description)
      == ["10.0.0.0-10.0.0.1", "10.0.1.0-10.0.1.3", "fd00::-fd00::1"])
  #expect(settings.jobs[1].notPrinters.spans.map(\.description) == ["10.0.0.0-10.0.0.1"])
  #expect(settings.jobs[1].endpoints.count == 1)
}

@Test(
  arguments: [
    ("[]", []), ("[hostname]", [.hostname]), ("[version, nodename]", [.nodename, .version]),
    ("[version, hostname, nodename]", TargetLabel.allCases),
  ] as [(String, [TargetLabel])])
func putsTargetLabelsInOrder(text: String, labels: [TargetLabel]) throws {
  let settings = try settings("scan_configs: [{job_name: node, ranges: [10.0.0.1], target_labels: \(text)}]")
  #expect(settings.jobs[0].targetLabels == labels)
}
