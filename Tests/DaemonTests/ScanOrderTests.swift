import Addressing
import Exporters
import Inventory
import Probing
import Support
import Testing

@testable import Daemon

private let nodeRequest = "/metrics?collect%5B%5D=uname"
private let envoyRequest = "/stats/prometheus?filter=%5Eserver%5C."

private let basic = "basic_auth: {username: a, password_file: b}"

/// A job's lines, the port that is asked, what is known of it, and the plan.
private struct Case: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let job: String
  let port: UInt16
  let known: ScanOrder.Known?
  let isRetry: Bool
  let plan: Inquiry.Plan

  init(
    _ name: String, _ job: String = "", port: UInt16 = 8_000, known: ScanOrder.Known? = nil, isRetry: Bool = false,
    _ targets: [String] = [nodeRequest], _ scheme: Scheme = .http, mayChange: Bool = true,
    insists insistence: Insistence? = nil, isGuarded: Bool = false
  ) {
    testDescription = name
    self.job = job
    self.port = port
    self.known = known
    self.isRetry = isRetry
    plan = Inquiry.Plan(
      targets: targets, scheme: insistence != nil ? .https : scheme, mayChangeScheme: mayChange && insistence == nil,
      insistence: insistence, isGuarded: isGuarded)
  }
}

private let exporters = """
  exporters:
    - {name: mine, ports: [9999], metrics_path: /mine, proofs: [mine_info]}
    - {name: secured, ports: [7000], scheme: https, proofs: [secured_info]}

  """

@Suite struct ScanOrders {
  private static let cases = [
    Case("by default"), Case("a printer's port", port: 9_100, isGuarded: true),
    Case("another printer's port", port: 9_999, isGuarded: true), Case("beside them", port: 9_110),
    Case("a printer's port at no printer", "not_printers: [10.0.0.1]", port: 9_100),
    Case("another address is no printer", "not_printers: [10.0.0.2]", port: 9_100, isGuarded: true),
    Case("a target", port: 9_100, known: .init(isTrusted: true)),
    Case("a target that fell silent", port: 9_100, known: .init(isTrusted: true), isRetry: true, isGuarded: true),
    Case("a target that has proven nothing", port: 9_100, known: .init(), isGuarded: true),
    Case("a target over plain HTTP", known: .init(scheme: .http)),
    Case("a secured target", known: .init(scheme: .https), insists: .past),
    Case("a secured target that is tried again", known: .init(scheme: .https), isRetry: true, insists: .past),
    Case("plain HTTP as it is told", "scheme: http", known: .init(scheme: .https), mayChange: false),
    Case("plain HTTP as it is told, with credentials", "scheme: http, \(basic)", mayChange: false),
    Case("TLS as it is told", "scheme: https", insists: .scheme),
    Case("TLS as it is told, of a target over plain HTTP", "scheme: https", known: .init(), insists: .scheme),
    Case("a job with a password", basic, insists: .credentials),
    Case("a job with a token", "authorization: {credentials_file: a}", insists: .credentials),
    Case("a job with a password, of a target over plain HTTP", basic, known: .init(), insists: .credentials),
    Case("a job with a password, of a secured target", basic, known: .init(scheme: .https), insists: .past),
    Case("TLS as it is told, of a secured target", "scheme: https", known: .init(scheme: .https), insists: .past),
    Case(
      "a job with an authority, of a secured target", "tls_config: {ca_file: a}", known: .init(scheme: .https),
      insists: .past),
    Case(
      "a job with a password that believes any peer", "\(basic), tls_config: {insecure_skip_verify: true}",
      insists: .credentials),
    Case("a job with an authority", "tls_config: {ca_file: a}", insists: .verification),
    Case("a job that believes any peer", "tls_config: {ca_file: a, insecure_skip_verify: true}"),
    Case(
      "a job with a password, of one of mine", "exporters: [mine], \(basic)", port: 9_999, ["/mine"],
      insists: .credentials, isGuarded: true),
    Case(
      "whose port it is", "exporters: [node_exporter, envoy, redis_exporter]", port: 9_901, [envoyRequest]),
    Case(
      "a port of none of them", "exporters: [node_exporter, envoy], ports: [8000]", [nodeRequest, envoyRequest]),
    Case(
      "the whole where they ask for parts", "exporters: [node_exporter, envoy, redis_exporter], ports: [8000]",
      ["/metrics", envoyRequest]),
    Case("in the order of the file", "exporters: [envoy, node_exporter], ports: [8000]", [envoyRequest, nodeRequest]),
    Case("whatever it is", "exporters: [any], ports: [8000]", ["/metrics"]),
    Case("whatever it is, and envoy", "exporters: [envoy, any], ports: [8000]", [envoyRequest, "/metrics"]),
    Case("whatever it is, or node_exporter", "exporters: [node_exporter, any], ports: [8000]", ["/metrics"]),
    Case("one of mine", "exporters: [mine]", port: 9_999, ["/mine"], isGuarded: true),
    Case("one of mine that is secured", "exporters: [secured]", port: 7_000, ["/metrics"], .https),
  ]

  @Test(arguments: cases)
  fileprivate func anEndpointIsAskedAsThePlanSays(testCase: Case) throws {
    let endpoint = Endpoint(address: try #require(Address("10.0.0.1")), port: testCase.port)
    let job = ["job_name: node, ranges: [10.0.0.0/24]", testCase.job].filter { !$0.isEmpty }.joined(separator: ", ")
    let order = try order(
      "\(exporters)scan_configs: [{\(job)}]", known: testCase.known.map { [endpoint: $0] } ?? [:])
    #expect(order.plan(for: endpoint, isRetry: testCase.isRetry) == testCase.plan)
  }

  /// What may have printed what it was sent is not sent it again.
  @Test(
    arguments: [
      (9_100, true, .unfinished(.closed), true), (9_100, false, .unfinished(.closed), false),
      (9_100, false, .unfinished(.unheard), true), (9_100, false, .other(.status(404)), true),
      (8_000, false, .unfinished(.closed), true), (9_100, nil, .unfinished(.unheard), false),
      (8_000, nil, .other(.status(404)), false),
    ] as [(UInt16, Bool?, Verdict, Bool)])
  func onlyATargetDeservesAnotherTry(port: UInt16, isTrusted: Bool?, verdict: Verdict, deserves: Bool) throws {
    let endpoint = Endpoint(address: try #require(Address("10.0.0.1")), port: port)
    let known = isTrusted.map { [endpoint: ScanOrder.Known(isTrusted: $0)] } ?? [:]
    let order = try order("scan_configs: [{job_name: node, ranges: [10.0.0.0/24]}]", known: known)
    #expect(order.deservesRetry(verdict, endpoint) == deserves)
  }

  @Test(arguments: [
    ("auto", Scheme.http, false), ("auto", .https, true), ("http", .http, true), ("https", .https, true),
  ])
  func credentialsAreForPlainHTTPOnlyIfItIsTold(choice: String, scheme: Scheme, maySend: Bool) throws {
    let order = try order("scan_configs: [{job_name: node, ranges: [10.0.0.1], scheme: \(choice)}]")
    #expect(order.maySendCredentials(over: scheme) == maySend)
  }
}

@Suite(.timeLimit(.minutes(5))) struct CredentialUses {
  private func scan(_ exporter: FakeExporter, _ lines: String, _ secrets: SecretPaths) async throws -> ScanOutcome {
    let endpoint = exporter.endpoint
    let text = """
      scan_configs:
        - {job_name: node, ranges: [\(endpoint.address)], ports: [\(endpoint.port)], \(lines)}
      """
    return await (try Scanner()).scan(try order(text, secrets: secrets))
  }

  @Test(arguments: [
    ("basic_auth: {username: prom, password_file: secret}", "Basic cHJvbTpzM2NyZXQ="),
    ("authorization: {credentials_file: secret}", "Bearer s3cret"),
    ("authorization: {type: Token, credentials_file: secret}", "Token s3cret"),
  ])
  func areSentAsPrometheusSendsThemAndNeverInTheOpenUnasked(lines: String, header: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write("s3cret\n", to: "secret")
    let secrets = SecretPaths(configuration: directory.path(of: "config.yml"), credentials: nil)
    let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
    let exporter = try FakeExporter("127.92.2.1", says: answer)
    for choice in ["auto", "https"] {
      let withheld = try await scan(exporter, "scheme: \(choice), \(lines)", secrets)
      let insistence: Insistence = choice == "auto" ? .credentials : .scheme
      #expect(withheld.others == [exporter.endpoint: .other(.plainHTTP(insistence))])
      #expect(withheld.otherCounts == ["plain_http": 1])
    }
    #expect(exporter.requests == [])
    let sent = try await scan(exporter, "scheme: http, \(lines)", secrets)
    #expect(sent.others == [exporter.endpoint: .other(.unauthorized(.sent))])
    #expect(exporter.requests.last?.contains("\r\nAuthorization: \(header)\r\n") == true)
    #expect(sent.otherCounts == ["unauthorized": 1])
  }

  @Test func anExporterOfTheJobIsATargetWithThem() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("x", to: "secret")
    let exporter = try FakeExporter("127.92.2.2")
    let outcome = try await scan(
      exporter, "scheme: http, authorization: {credentials_file: \(directory.path(of: "secret"))}", noSecrets)
    #expect(outcome.report.seen.keys.sorted() == [exporter.endpoint])
  }
}
