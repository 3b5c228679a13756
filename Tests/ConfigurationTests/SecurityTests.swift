import Addressing
import Configuration
import Testing

/// The one job of a file, with `keys` beside what it needs.
private func job(_ keys: String) throws -> Job {
  let settings = try settings("scan_configs: [{job_name: node, ranges: [10.0.0.1], \(keys)}]")
  return try #require(settings.jobs.first)
}

@Test(arguments: SchemeChoice.allCases)
func takesSchemes(scheme: SchemeChoice) throws {
  #expect(try job("scheme: \(scheme.rawValue)").scheme == scheme)
}

@Test func readsEveryKeyOfTLS() throws {
  let job = try job(
    """
    scheme: https, tls_config: {ca_file: ca.pem, cert_file: /etc/a b.pem, key_file: ./../key.pem,
    server_name: node.example.org, insecure_skip_verify: true}
    """)
  #expect(
    job.tls
      == TLSSettings(
        caFile: "ca.pem", certFile: "/etc/a b.pem", keyFile: "./../key.pem", serverName: "node.example.org",
        insecureSkipVerify: true))
}

@Test(arguments: ["{}", "{insecure_skip_verify: false}"])
func tlsIsVerifiedUnlessToldOtherwise(text: String) throws {
  #expect(try job("tls_config: \(text)").tls == TLSSettings())
}

@Test(arguments: [
  "node", "node-1.example.org", "NODE_1.lan", "1.example.org", "xn--bcher-kva.example",
  String(repeating: "x", count: 63) + ".org",
])
func takesServerNames(name: String) throws {
  #expect(try job("tls_config: {server_name: \(name)}").tls.serverName == name)
}

@Test(arguments: [
  "node.", ".node", "a..b", "-a.org", "a-.org", "a b", "é.org", "*.org", "1.2.3", "[fd00::1]", "https://a.org", "a:443",
  String(repeating: "x", count: 64) + ".org", String(repeating: "x.", count: 126) + "xx",
])
func refusesWhatIsNoServerName(name: String) {
  #expect(throws: ConfigurationError.self) { try job("tls_config: {server_name: \"\(name)\"}") }
}

@Test(arguments: ["scheme: http", "scheme: https", "scheme: auto"])
func readsBasicAuth(scheme: String) throws {
  let job = try job("\(scheme), basic_auth: {username: über all, password_file: node.password}")
  #expect(job.credentials == .basic(username: "über all", passwordFile: "node.password"))
}

@Test func readsAuthorization() throws {
  #expect(
    try job("authorization: {credentials_file: \"it's \\\"here\\\"\"}").credentials
      == .authorization(type: "Bearer", credentialsFile: "it's \"here\""))
  #expect(
    try job("authorization: {type: X-Token!, credentials_file: t}").credentials
      == .authorization(type: "X-Token!", credentialsFile: "t"))
  #expect(try job("scheme: auto").credentials == nil)
}

@Test func takesTheLongestOfEveryFileName() throws {
  let path = "/" + String(repeating: "x", count: 4094)
  #expect(try job("tls_config: {ca_file: \(path)}").tls.caFile == path)
}
