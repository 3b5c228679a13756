import Configuration
import Foundation
import Glibc
import Support
import Testing

/// What the exporter toolkit gives as an example.
private let hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"

private func webConfig(_ text: String) throws(ConfigurationError) -> WebConfig {
  try WebConfig(parsing: Array(text.utf8), file: "web.yml")
}

/// What is read of `tls_server_config`, with `keys` beside what it needs.
private func tls(_ keys: String) throws -> TLSServer {
  try #require(try webConfig("tls_server_config: {cert_file: a.pem, key_file: a.key, \(keys)}").tls)
}

private let everything = """
  # As of node_exporter.
  tls_server_config:
    cert_file: /etc/ssl/node 1.pem
    key_file: node.key
    client_auth_type: RequireAndVerifyClientCert
    client_ca_file: ca.pem
    client_allowed_sans:
      - prometheus.example.org
      - "FD00:0::1"
      - spiffe://example.org/prometheus
    min_version: TLS12
    max_version: TLS13
    cipher_suites:
      - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
      - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    prefer_server_cipher_suites: false
    curve_preferences: [X25519, CurveP256]
  http_server_config:
    http2: false
    headers:
      X-Frame-Options: deny
      Strict-Transport-Security: max-age=31536000; includeSubDomains
      X-Content-Type-Options: nosniff
      X-XSS-Protection: 1
      Content-Security-Policy: "default-src 'self'"
  basic_auth_users:
    alice: \(hash)
    "über 1": "\(hash)"

  """

@Test func readsEveryKeyOfAWebConfig() throws {
  var expected = WebConfig()
  var server = TLSServer(certFile: "/etc/ssl/node 1.pem", keyFile: "node.key")
  server.clients = .mustShow(
    caFile: "ca.pem", allowedNames: ["prometheus.example.org", "fd00::1", "spiffe://example.org/prometheus"])
  server.cipherSuites = [.rsaAES128GCM, .ecdsaChaCha20]
  server.curves = [.x25519, .p256]
  expected.tls = server
  expected.headers = [
    .init(name: "X-Frame-Options", value: "deny"),
    .init(name: "Strict-Transport-Security", value: "max-age=31536000; includeSubDomains"),
    .init(name: "X-Content-Type-Options", value: "nosniff"), .init(name: "X-XSS-Protection", value: "1"),
    .init(name: "Content-Security-Policy", value: "default-src 'self'"),
  ]
  expected.users = ["alice": hash, "über 1": hash]
  #expect(try webConfig(everything) == expected)
}

@Test(arguments: [
  "", "# nothing\n", "~", "null", "{}", "\u{FEFF}", "http_server_config:", "http_server_config: {}",
  "http_server_config: {headers: }", "http_server_config: {http2: false, headers: {}}",
])
func aWebConfigMaySayNothing(text: String) throws {
  #expect(try webConfig(text) == WebConfig())
}

@Test func speaksTLSOfTheLibrarysChoiceUnlessToldOtherwise() throws {
  let server = try tls("cipher_suites: [], curve_preferences: [], client_auth_type: NoClientCert")
  #expect(server == TLSServer(certFile: "a.pem", keyFile: "a.key"))
  #expect(server.clients == .notAsked)
  #expect(server.minVersion == .tls12)
  #expect(server.maxVersion == .tls13)
}

@Test func clientsMayOrMustShowACertificate() throws {
  #expect(
    try tls("client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem").clients == .mayShow(caFile: "ca.pem"))
  #expect(
    try tls("client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem").clients
      == .mustShow(caFile: "ca.pem", allowedNames: []))
}

@Test(arguments: [
  ("TLS12", "TLS12"), ("TLS12", "TLS13"), ("TLS13", "TLS13"),
])
func takesVersionsOfTLS(lower: String, upper: String) throws {
  let server = try tls("min_version: \(lower), max_version: \(upper)")
  #expect(server.minVersion.rawValue == lower)
  #expect(server.maxVersion.rawValue == upper)
}

@Test(arguments: TLSServer.CipherSuite.allCases)
func takesCipherSuites(suite: TLSServer.CipherSuite) throws {
  #expect(try tls("cipher_suites: [\(suite.rawValue)]").cipherSuites == [suite])
}

@Test(arguments: TLSServer.Curve.allCases)
func takesCurves(curve: TLSServer.Curve) throws {
  #expect(try tls("curve_preferences: [\(curve.rawValue)]").curves == [curve])
}

@Test(arguments: ["$2a$04$", "$2b$10$", "$2y$16$"])
func takesHashes(start: String) throws {
  let text = start + String(repeating: "./aZ09", count: 8) + "abcde"
  #expect(try webConfig("basic_auth_users: {alice: \(text)}").users == ["alice": text])
}

@Test(arguments: ["$2y$17$", "$2y$31$", "$2y$32$", "$2y$03$", "$2y$1x$", "$2x$10$", "$2y$10", "$1y$10$", "x2y$10$"])
func refusesHashesWithoutShowingThem(start: String) {
  let rest = String(hash.dropFirst(7))
  let said = webMessages(for: "basic_auth_users: {alice: \(start)\(rest)}".utf8)
  #expect(said.hasPrefix("web.yml:1:27: a"))
  #expect(!said.contains(rest.suffix(31)))
}

@Test func takesTheLongestOfEverything() throws {
  let name = String(repeating: "x", count: 255)
  #expect(try webConfig("basic_auth_users: {\(name): \(hash)}").users.keys.sorted() == [name])
  let value = String(repeating: "x", count: 4096)
  #expect(
    try webConfig("http_server_config: {headers: {X-XSS-Protection: \(value)}}").headers
      == [.init(name: "X-XSS-Protection", value: value)])
  let users = (0..<1000).map { "u\($0): \(hash)" }.joined(separator: ", ")
  #expect(try webConfig("basic_auth_users: {\(users)}").users.count == 1000)
}

@Test func refusesWhatIsTooLong() {
  let name = String(repeating: "x", count: 256)
  #expect(
    webMessages(for: "basic_auth_users: {\(name): \(hash)}".utf8)
      == "web.yml:1:20: a user's name must be 1 to 255 bytes without ':' and control characters")
  let value = String(repeating: "x", count: 4097)
  #expect(
    webMessages(for: "http_server_config: {headers: {X-XSS-Protection: \(value)}}".utf8)
      == "web.yml:1:50: the value of 'X-XSS-Protection' must be 1 to 4096 printable ASCII characters, "
      + "no space first or last")
  #expect(
    webMessages(for: [UInt8](repeating: UInt8(ascii: "#"), count: 8 << 20))
      == "cannot read 'web.yml': it has more than 1048576 bytes")
}

@Test func readsAWebConfigFromAFile() throws {
  let path = FileManager.default.temporaryDirectory.appending(path: "subnet-sd-\(UUID()).yml").path
  #expect(throws: ConfigurationError.unreadable(path: path, errno: ENOENT)) { try WebConfig(readingFile: path) }
  try everything.write(toFile: path, atomically: false, encoding: .utf8)
  defer { try? FileManager.default.removeItem(atPath: path) }
  #expect(try WebConfig(readingFile: path) == webConfig(everything))
}

@Test(arguments: 0..<8)
func aDamagedWebConfigShowsNoHash(seed: UInt64) {
  var generator = SplitMix(seed: seed)
  let good = Array(everything.utf8)
  let secret = hash.suffix(31)
  var valid = 0
  for _ in 0..<400 {
    var text = good
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let start = Int.random(in: 0..<text.count, using: &generator)
      let end = min(text.count, start + Int.random(in: 0...6, using: &generator))
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: text[start] = UInt8.random(in: 0...255, using: &generator)
      case 1: text.removeSubrange(start..<end)
      case 2: text.insert(contentsOf: text[start..<end], at: end)
      default: text[start] = text.randomElement(using: &generator) ?? 0
      }
    }
    let said = webMessages(for: text)
    if said.isEmpty { valid += 1 }
    #expect(!said.contains(secret))
    for line in said.split(separator: "\n") {
      #expect(line.hasPrefix("web.yml:"))
      #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
  }
  // Neither all nor none: the damage reaches the checks.
  #expect((1..<400).contains(valid))
}
