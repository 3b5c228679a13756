internal import NIOCore
internal import NIOSSL

/// How TLS is spoken: whom to trust, and who we are. Made once for many connections.
package final class TLSClient: Sendable {
  /// The contents of the files that a `tls_config` names, PEM throughout.
  package struct Material: Hashable, Sendable {
    /// Instead of the authorities that the system trusts.
    package var authorities: [UInt8]?
    package var certificates: [UInt8]?
    package var key: [UInt8]?

    package init(authorities: [UInt8]? = nil, certificates: [UInt8]? = nil, key: [UInt8]? = nil) {
      self.authorities = authorities
      self.certificates = certificates
      self.key = key
    }
  }

  /// What of the material is of no use.
  package enum Unusable: Error, Hashable, Sendable {
    case authorities
    case certificates
    case key
    /// The key does not belong to the certificate, or the system has no authorities that could be read.
    case together
  }

  let context: NIOSSLContext
  let serverName: String?
  let isVerifying: Bool

  /// `serverName` is what the certificate is to be issued for; nil for the address that is connected to.
  package init(_ material: Material, serverName: String?, isVerifying: Bool) throws(Unusable) {
    self.serverName = serverName
    self.isVerifying = isVerifying
    var configuration = TLSConfiguration.makeClientConfiguration()
    // As Go's client, and so Prometheus.
    configuration.minimumTLSVersion = .tlsv12
    // Without the library's first, whose share takes 6 KB here, and a greeting of more than one packet (tldr.fail).
    configuration.curves = [.x25519, .secp256r1, .secp384r1]
    // A peer that does not say goodbye would keep its place for five seconds more.
    configuration.shutdownTimeout = .zero
    configuration.certificateVerification = isVerifying ? .fullVerification : .none
    if let authorities = material.authorities {
      configuration.trustRoots = .certificates(try Self.certificates(authorities, or: .authorities))
    } else if !isVerifying {
      // The system's are some hundred, and nobody asks them here.
      configuration.trustRoots = .certificates([])
    }
    if let bytes = material.certificates {
      configuration.certificateChain = try Self.certificates(bytes, or: .certificates).map { .certificate($0) }
    }
    if let bytes = material.key {
      do {
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: bytes, format: .pem))
      } catch {
        throw .key
      }
    }
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw .together
    }
  }

  private static func certificates(_ bytes: [UInt8], or failure: Unusable) throws(Unusable) -> [NIOSSLCertificate] {
    do {
      let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
      if certificates.isEmpty { throw failure }
      return certificates
    } catch {
      throw failure
    }
  }

  func handler() throws -> NIOSSLClientHandler {
    try NIOSSLClientHandler(context: context, serverHostname: serverName)
  }

  /// Why Prometheus would not take a certificate that the library takes, nil if it would: Go does not look at the common
  /// name, whatever it says (crypto/x509, since Go 1.15).
  func objection(to certificate: NIOSSLCertificate?) -> String? {
    guard isVerifying, let certificate else { return nil }
    let names = certificate._subjectAlternativeNames()
    guard names.contains(where: { [.dnsName, .ipAddress].contains($0.nameType) }) else {
      return "it names no host but in its common name, at which nobody looks any more"
    }
    // The library takes the address that is connected to as well, where a name is asked for.
    guard let serverName else { return nil }
    let hasName = names.contains { $0.nameType == .dnsName && Self.matches(Array($0.contents), serverName) }
    return hasName ? nil : "it is not issued for '\(serverName)'"
  }

  /// Whether a name in a certificate stands for a host: the same, or `*.` before all but its first label (RFC 6125,
  /// section 6.4).
  private static func matches(_ pattern: [UInt8], _ host: String) -> Bool {
    let pattern = String(decoding: pattern, as: UTF8.self).lowercased()
    let host = host.lowercased()
    guard pattern.hasPrefix("*.") else { return pattern == host }
    return host.drop { $0 != "." } == pattern.dropFirst()
  }
}

extension TLSClient.Unusable: CustomStringConvertible {
  package var description: String {
    switch self {
    case .authorities: "ca_file has no certificates in PEM"
    case .certificates: "cert_file has no certificates in PEM"
    case .key: "key_file has no key in PEM that can be read without a password"
    case .together: "key_file does not fit cert_file, or no certificate authorities can be read"
    }
  }
}

/// What became of a handshake that failed.
enum HandshakeFailure {
  /// Reads the error with which the TLS handler ended a connection; nil for one that is not of a handshake.
  static func verdict(_ error: any Error, hasCome: Bool, serverName: String?) -> Verdict? {
    switch error {
    case NIOSSLError.handshakeFailed(let reason):
      verdict(on: String(describing: reason), hasCome: hasCome)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      .other(.untrusted(serverName.map { "it is not issued for '\($0)'" } ?? "it is not issued for the address"))
    case let error as BoringSSLError:
      verdict(on: String(describing: error), hasCome: hasCome)
    default: nil
    }
  }

  /// The library says only in words what it met.
  private static func verdict(on words: String, hasCome: Bool) -> Verdict {
    if words.contains("CERTIFICATE_VERIFY_FAILED") {
      return .other(.untrusted("it is expired, or of no authority that is trusted"))
    }
    let strangers = ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "INVALID_ALERT", "EXCESSIVE_MESSAGE"]
    if !hasCome { return .unfinished(.closed) }
    if strangers.contains(where: words.contains) { return .unfinished(.notTLS) }
    let names = words.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
    if let alert = names.first(where: { $0.contains("_ALERT_") }) {
      // TLSV1_ALERT_UNKNOWN_CA
      return .other(.handshakeRefused(alert.lowercased().split(separator: "_").dropFirst(2).joined(separator: " ")))
    }
    return .other(.handshakeRefused("it does not come to an end"))
  }
}
