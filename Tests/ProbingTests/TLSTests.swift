import Addressing
import Exporters
import Support
import Synchronization
import Testing

@testable import Probing

private let web01 = Verdict.exporter(
  Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01", startTime: Answers.startTime))
private let untrusted = Verdict.other(.untrusted("it is expired, or of no authority that is trusted"))
private let nameless = Verdict.other(
  .untrusted("it names no host but in its common name, at which nobody looks any more"))

private func client(
  trusting authority: String = "ca", presenting certificate: String? = nil, as name: String? = nil,
  isVerifying: Bool = true
) throws -> TLSClient {
  let material = try Certificates.all.get().material(trusting: authority, presenting: certificate)
  return try TLSClient(material, serverName: name, isVerifying: isVerifying)
}

extension Prober.Question {
  fileprivate static func node(over tls: TLSClient) -> Prober.Question {
    Prober.Question(["/metrics?collect%5B%5D=uname"], .node, tls: tls)
  }
}

private func verdict(of server: TLSServer, to client: TLSClient) async throws -> Verdict? {
  let answer = try await ask(.node(over: client), at: server.endpoint)
  withExtendedLifetime(server) {}
  #expect(answer.verdicts.count == 1)
  return answer.verdicts.first
}

extension Verdict {
  fileprivate var isRefusal: Bool { if case .other(.handshakeRefused) = self { true } else { false } }
}

/// OpenSSL on the other side.
@Suite(.timeLimit(.minutes(5)), .enabled(if: OpenSSL.isThere, "openssl is not in PATH"))
struct TLSServers {
  @Test(
    arguments: [
      ("good", nil, web01), ("good", "exporter.example", web01),
      ("good", "wrong.example", .other(.untrusted("it is not issued for 'wrong.example'"))),
      ("expired", nil, untrusted),
      ("foreign", nil, untrusted), ("named", nil, .other(.untrusted("it is not issued for the address"))),
      ("named", "exporter.example", web01), ("other", nil, .other(.untrusted("it is not issued for the address"))),
      ("good", "Exporter.EXAMPLE", web01), ("wild", "a.exporter.example", web01), ("wild", nil, web01),
      ("wild", "exporter.example", .other(.untrusted("it is not issued for 'exporter.example'"))),
      ("wild", "a.b.exporter.example", .other(.untrusted("it is not issued for 'a.b.exporter.example'"))),
      ("common", "exporter.example", nameless),
      ("common", nil, .other(.untrusted("it is not issued for the address"))),
      ("numbered", nil, .other(.untrusted("it is not issued for the address"))),
    ] as [(String, String?, Verdict)])
  func aCertificateIsBelievedAsPrometheusDoes(certificate: String, serverName: String?, expected: Verdict) async throws
  {
    let got = try await verdict(of: TLSServer(certificate), to: client(as: serverName))
    #expect(got == expected)
  }

  @Test(arguments: ["expired", "foreign", "other", "common"])
  func withoutVerificationAnyCertificateWillDo(certificate: String) async throws {
    #expect(try await verdict(of: TLSServer(certificate), to: client(as: "x.example", isVerifying: false)) == web01)
  }

  @Test func theAuthorityIsTheOneThatIsNamed() async throws {
    let server = try TLSServer("good")
    #expect(try await verdict(of: server, to: client(trusting: "stranger")) == untrusted)
    // The server goes on.
    #expect(try await verdict(of: server, to: client()) == web01)
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func aClientShowsItsCertificateWhereItIsAsked(version: String) async throws {
    let server = try TLSServer("good", [version, "-Verify", "1", "-CAfile", "ca.pem", "-verify_return_error"])
    #expect(try await verdict(of: server, to: client(presenting: "client")) == web01)
    #expect(try await verdict(of: server, to: client())?.isRefusal == true)
    #expect(try await verdict(of: server, to: client(presenting: "foreign"))?.isRefusal == true)
  }

  @Test(arguments: ["-tls1", "-tls1_1"])
  func noVersionOfOldIsSpoken(version: String) async throws {
    let server = try TLSServer("good", [version, "-cipher", "ALL:@SECLEVEL=0"])
    #expect(try await verdict(of: server, to: client())?.isRefusal == true)
  }

  /// Nor is its goodbye waited for, which would be five seconds more. A busy machine may take as long, but not each time.
  @Test func whoSaysNothingAfterTheHandshakeIsLeftInTime() async throws {
    var least = Duration.seconds(60)
    for _ in 0..<5 where least >= .seconds(5) {
      let server = try TLSServer("good")
      let secured = Mutex<ContinuousClock.Instant?>(nil)
      let answer = try await ask(.node(over: client()), at: server.endpoint, timeout: .seconds(1)) {
        guard $0 == .secured else { return }
        server.freeze()
        secured.withLock { $0 = .now }
      }
      #expect(answer.verdicts.map(\.onAnIdleMachine) == [.unfinished(.timedOut)])
      if let start = secured.withLock(\.self) { least = min(least, .now - start) }
    }
    #expect(least < .seconds(5))
  }

  @Test func theStepsAreTold() async throws {
    let (steps, step) = AsyncStream<Prober.Step>.makeStream()
    let server = try TLSServer("good")
    _ = try await ask(.node(over: client()), at: server.endpoint) { step.yield($0) }
    step.finish()
    let told = await steps.reduce(into: []) { $0.append($1) }
    #expect(
      told == [
        .secured, .asked(target: "/metrics?collect%5B%5D=uname"),
        .answered(status: 200, contentType: Answers.contentType), .proved(family: "node_exporter_build_info"),
      ])
  }

  /// Nothing comes back from OpenSSL's server: the inquiry tries TLS then.
  @Test func plainHTTPIsClosed() async throws {
    let server = try TLSServer("good")
    let answer = try await ask(.node, at: server.endpoint)
    #expect([.unfinished(.closed), .unfinished(.reset)].contains(answer.verdicts[0]))
  }
}

@Suite(.enabled(if: OpenSSL.isThere, "openssl is not in PATH")) struct TLSMaterials {
  private func unusable(_ change: (inout TLSClient.Material) throws -> Void) throws -> TLSClient.Unusable? {
    var material = try Certificates.all.get().material(presenting: "client")
    try change(&material)
    return #expect(throws: TLSClient.Unusable.self) {
      _ = try TLSClient(material, serverName: nil, isVerifying: true)
    }
  }

  @Test func whatIsOfNoUseIsSaid() throws {
    let certificates = try Certificates.all.get()
    #expect(try unusable { $0.authorities = Array("no PEM".utf8) } == .authorities)
    #expect(try unusable { $0.authorities = [] } == .authorities)
    #expect(try unusable { $0.authorities = try certificates.pem("ca.key") } == .authorities)
    #expect(try unusable { $0.certificates = [0, 1, 2] } == .certificates)
    #expect(try unusable { $0.key = Array("no PEM".utf8) } == .key)
    #expect(try unusable { $0.key = try certificates.pem("client.pem") } == .key)
    #expect(try unusable { $0.key = try certificates.pem("good.key") } == .together)
  }

  /// Nobody is asked for a password.
  @Test func aKeyWithAPasswordIsNone() throws {
    let certificates = try Certificates.all.get()
    try OpenSSL.run(
      ["pkey", "-in", "client.key", "-aes256", "-passout", "pass:x", "-out", "locked.key"],
      in: certificates.directory.path)
    #expect(try unusable { $0.key = try certificates.pem("locked.key") } == .key)
  }

  @Test func theSystemsAuthoritiesAreTrustedWhereNoneAreNamed() async throws {
    let own = try TLSClient(TLSClient.Material(), serverName: nil, isVerifying: true)
    #expect(try await verdict(of: TLSServer("good"), to: own) == untrusted)
  }
}
