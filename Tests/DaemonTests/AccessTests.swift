import Addressing
import Configuration
import Foundation
import Glibc
import Inventory
import Logging
import Support
import Testing

@testable import Daemon
@testable import Sweeping

/// Secrets come from files that may be anywhere, and anything.
@Suite struct Accesses {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.make("etc")
    try directory.make("credentials")
  }

  private func access(_ lines: String, credentials: Bool = true) throws -> Access {
    let job = try settings("scan_configs: [{job_name: node, ranges: [127.0.0.1], \(lines)}]").jobs[0]
    let access = Access(
      of: job,
      SecretPaths(
        configuration: directory.path(of: "etc/config.yml"),
        credentials: credentials ? directory.path(of: "credentials") : nil))
    access.refresh()
    return access
  }

  private let basic = "basic_auth: {username: prom, password_file: secret}"

  private func basic(_ password: String) -> String { "Basic \(Data("prom:\(password)".utf8).base64EncodedString())" }

  @Test func withoutSecretsThereIsNone() throws {
    let access = try access("scheme: http")
    #expect(try access.authorization() == nil)
    #expect(access.fault == nil)
  }

  @Test func theCredentialsOfTheUnitComeFirst() throws {
    try directory.write("of the unit", to: "credentials/secret")
    try directory.write("beside", to: "etc/secret")
    #expect(try access(basic).authorization() == basic("of the unit"))
    #expect(try access(basic, credentials: false).authorization() == basic("beside"))
    try directory.remove("credentials/secret")
    #expect(try access(basic).authorization() == basic("beside"))
  }

  /// Root would read there what its owner may not, and send it.
  @Test(.enabled(if: geteuid() == 0, "only root may give links away"))
  func noLinkOfAnotherIsFollowed() throws {
    try directory.write("of root alone", to: "shadow")
    try directory.link("etc/secret", to: "../shadow")
    #expect(try access(basic).authorization() == basic("of root alone"))
    let path = directory.path(of: "etc/secret")
    #expect(unsafe chmod(directory.path(of: "etc"), 0o1777) == 0 && lchown(path, 12_345, 12_345) == 0)
    let fault = try #require(try access(basic).fault)
    #expect(fault.contains("cannot read password_file: '\(path)' leads through a symbolic link of user 12345 "))
    #expect(throws: LocalFailure.self) { try access(basic).authorization() }
  }

  @Test func anAbsolutePathIsThatPath() throws {
    try directory.write("x", to: "secret")
    let lines = "basic_auth: {username: prom, password_file: \(directory.path(of: "secret"))}"
    #expect(try access(lines).authorization() == basic("x"))
  }

  @Test(arguments: [
    ("abc", "abc"), ("abc\n", "abc"), (" \t\r\nabc\r\n \t", "abc"), ("a b", "a b"), ("pä:ss", "pä:ss"), ("", ""),
    ("\n", ""), (String(repeating: "x", count: 4_096), String(repeating: "x", count: 4_096)),
  ])
  func theWhiteSpaceAroundASecretIsNoPart(text: String, secret: String) throws {
    try directory.write(text, to: "etc/secret")
    #expect(try access(basic).authorization() == basic(secret))
    let bearer = "authorization: {type: Bearer, credentials_file: secret}"
    #expect(try access(bearer).authorization() == "Bearer \(secret)")
  }

  private func fault(_ lines: String) throws -> String? {
    try access(lines).fault?.replacing(directory.path, with: "/d")
  }

  @Test func whatCannotBeReadIsASentence() throws {
    #expect(try fault(basic) == "cannot read password_file '/d/etc/secret': No such file or directory")
    try directory.make("etc/secret")
    #expect(try fault(basic) == "cannot read password_file '/d/etc/secret': Is a directory")
    try directory.remove("etc/secret")
    try directory.write(repeatElement(UInt8(ascii: "x"), count: 1 << 20), to: "etc/secret")
    #expect(try fault(basic) == nil)
    try directory.write(repeatElement(UInt8(ascii: "x"), count: 1 << 20 + 1), to: "etc/secret")
    #expect(try fault(basic) == "cannot read password_file '/d/etc/secret': it has more than 1048576 bytes")
    try directory.link("etc/loop", to: "loop")
    let loop = "authorization: {credentials_file: loop}"
    #expect(try fault(loop)?.hasPrefix("cannot read credentials_file '/d/etc/loop': ") == true)
  }

  /// They would end the header, and begin another.
  @Test(arguments: ["a\nb", "a\r\nX-Evil: b", "a\0b", "a\tb", "a\u{7F}b"])
  func aSecretOfSeveralLinesIsNone(text: String) throws {
    try directory.write(text, to: "etc/secret")
    let sentence = "password_file '/d/etc/secret' has more than one line, or control characters, in it"
    #expect(try fault(basic) == sentence)
    #expect(throws: LocalFailure.self) { try access(basic).authorization() }
  }

  @Test func theFilesAreReadAnewForEachScan() throws {
    try directory.write("one", to: "etc/secret")
    let access = try access(basic)
    #expect(try access.authorization() == basic("one"))
    try directory.write("two", to: "etc/secret")
    // Within a scan it stays what it was.
    #expect(try access.authorization() == basic("one"))
    access.refresh()
    #expect(try access.authorization() == basic("two"))
    try directory.remove("etc/secret")
    access.refresh()
    #expect(throws: LocalFailure.self) { try access.authorization() }
    try directory.write("three", to: "etc/secret")
    access.refresh()
    #expect(try access.authorization() == basic("three"))
  }

  @Test func aClientIsMadeAnewWhereItsFilesAreOthers() throws {
    try directory.write(authority, to: "etc/ca.pem")
    let access = try access("scheme: https, tls_config: {ca_file: ca.pem}")
    let first = try access.tls()
    access.refresh()
    #expect(try access.tls() === first)
    try directory.write(authority + "\n", to: "etc/ca.pem")
    #expect(try access.tls() === first)
    access.refresh()
    #expect(try access.tls() !== first)
  }

  @Test func whatIsWrongWithTLSIsASentence() throws {
    let lines = "scheme: https, tls_config: {ca_file: ca.pem}"
    #expect(try fault(lines) == "cannot read ca_file '/d/etc/ca.pem': No such file or directory")
    try directory.write("no PEM", to: "etc/ca.pem")
    #expect(try fault(lines) == "tls_config cannot be used: ca_file has no certificates in PEM")
    try directory.write(authority, to: "etc/ca.pem")
    #expect(try fault(lines) == nil)
    let client = "scheme: https, tls_config: {ca_file: ca.pem, cert_file: ca.pem, key_file: key.pem}"
    #expect(try fault(client) == "cannot read key_file '/d/etc/key.pem': No such file or directory")
    try directory.write("no PEM", to: "etc/key.pem")
    #expect(
      try fault(client)
        == "tls_config cannot be used: key_file has no key in PEM that can be read without a password")
  }

  @Test(arguments: [
    ("/etc/subnet-sd/config.yml", "/etc/subnet-sd/a"), ("/config.yml", "//a"), ("config.yml", "./a"),
    ("etc/config.yml", "etc/a"),
  ])
  func relativeIsBesideTheConfiguration(configuration: String, path: String) {
    #expect(SecretPaths(configuration: configuration, credentials: nil).path(of: "a") == path)
    #expect(SecretPaths(configuration: configuration, credentials: "/nowhere").path(of: "/b/c") == "/b/c")
  }
}

/// Of nobody, and good until 2126.
private let authority = """
  -----BEGIN CERTIFICATE-----
  MIIBeTCCAR+gAwIBAgIUKxdLYduk/dJ4pj+i3BQOebnwXwQwCgYIKoZIzj0EAwIw
  ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyNTA0MjQxNFoYDzIxMjYxMTAxMDQy
  NDE0WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
  AARcKpmpTGm2Cz/Hld6WCk5vfPDOHIc12GciH4w9Rm9puOV1+7MZxlOR1yO7Q8ab
  sNiS/2ftD6LkIRbD3e1mK5Buo1MwUTAdBgNVHQ4EFgQUiogi0NxLKjbzXE1Ydl3V
  LUPqz3YwHwYDVR0jBBgwFoAUiogi0NxLKjbzXE1Ydl3VLUPqz3YwDwYDVR0TAQH/
  BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiA//P25IGCVls2CeLPbpW0ONDH6a+X/
  aV77r5nsyskzKwIhAIPy7kNZYoxO2//MCjxCpmHhdNqOgLq+FLL3jQ6uP/1M
  -----END CERTIFICATE-----
  """

/// What cannot be read leaves the endpoint unasked, and the scan incomplete.
@Suite(.timeLimit(.minutes(5))) struct UnreadableSecrets {
  private func config(_ exporter: FakeExporter, _ lines: String) -> String {
    "scan_configs: [{job_name: node, ranges: [\(exporter.endpoint.address)], ports: [\(exporter.endpoint.port)], "
      + "\(lines)}]"
  }

  @Test(arguments: [
    "scheme: http, basic_auth: {username: a, password_file: /nowhere/secret}",
    "scheme: https, tls_config: {ca_file: /nowhere/ca.pem}",
    "scheme: https, authorization: {credentials_file: /nowhere/secret}",
  ])
  func leaveAScanIncompleteAndSendNothing(lines: String) async throws {
    let exporter = try FakeExporter("127.92.1.1")
    let text = config(exporter, lines)
    let outcome = await (try Scanner()).scan(try order(text, known: [exporter.endpoint: .init()]))
    guard case .incomplete(.noAccess(let sentence)) = outcome.summary.end else {
      Issue.record("\(outcome.summary.end)")
      return
    }
    #expect(sentence.contains("'/nowhere/"))
    #expect(outcome.summary.untried == 1)
    #expect(!outcome.report.isComplete)
    #expect(outcome.report.missed == [:])
    #expect(exporter.requests == [])
  }

  @Test func areToldWhenTheDaemonBeginsAndAtEachScan() async throws {
    let exporter = try FakeExporter("127.92.1.2")
    let text = config(exporter, "scheme: http, basic_auth: {username: a, password_file: /nowhere/secret}")
    try await withDaemon(text) { daemon in
      let sentence = "cannot read password_file '/nowhere/secret': No such file or directory"
      let error = await daemon.heard.log(
        "job 'node': \(sentence); what needs it is not asked, and no scan is complete that meets it")
      #expect(error?.level == .error)
      let warning = await daemon.heard.log("job 'node': scan incomplete (\(sentence)): 1 endpoint not tried")
      #expect(warning?.level == .warning)
      #expect(exporter.requests == [])
    }
  }

  @Test func mayAppearLater() async throws {
    let directory = try TemporaryDirectory()
    let exporter = try FakeExporter("127.92.1.3")
    let path = directory.path(of: "secret")
    let text = config(exporter, "scheme: http, basic_auth: {username: a, password_file: \(path)}")
    try await withDaemon(text) { daemon in
      await daemon.heard.log("job 'node': scan incomplete")
      try directory.write("b\n", to: "secret")
      await daemon.heard.log("job 'node': \(exporter.endpoint) is new: ")
      #expect(exporter.requests.first?.contains("\r\nAuthorization: Basic YTpi\r\n") == true)
    }
  }
}
