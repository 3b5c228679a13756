internal import Addressing
internal import NIOCore
internal import NIOSSL

/// How TLS is spoken with clients. Made once for many connections.
package struct ServerTLS: Sendable {
  /// What clients have to show.
  package enum ClientCertificates: Hashable, Sendable {
    case none
    case ifGiven
    case required
  }

  /// What files say, PEM throughout, and what is chosen.
  package struct Material: Hashable, Sendable {
    package var certificates: [UInt8]
    package var key: [UInt8]
    package var clientAuthorities: [UInt8]?
    package var clients = ClientCertificates.none
    /// One of these has to stand in a client's certificate; empty for any.
    package var clientNames: Set<String> = []
    /// TLS 1.2 and 1.3 are spoken, or one of them.
    package var isTLS13Only = false
    package var isTLS12Only = false
    /// Code points of IANA's registry; empty for the library's own choice.
    package var cipherSuites: [UInt16] = []
    package var curves: [UInt16] = []

    package init(certificates: [UInt8], key: [UInt8], clientAuthorities: [UInt8]? = nil) {
      self.certificates = certificates
      self.key = key
      self.clientAuthorities = clientAuthorities
    }
  }

  /// What of the material is of no use.
  package enum Unusable: Error, Hashable, Sendable {
    case certificates
    case key
    case clientAuthorities
    case together
  }

  let context: NIOSSLContext
  private let clientNames: Set<String>

  package init(_ material: Material) throws(Unusable) {
    let certificates = try Self.certificates(material.certificates, or: .certificates)
    let key: NIOSSLPrivateKey
    do { key = try NIOSSLPrivateKey(bytes: material.key, format: .pem) } catch { throw .key }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = material.isTLS13Only ? .tlsv13 : .tlsv12
    if material.isTLS12Only { configuration.maximumTLSVersion = .tlsv12 }
    if !material.cipherSuites.isEmpty {
      configuration.cipherSuiteValues = material.cipherSuites.map { NIOTLSCipher($0) }
    }
    if !material.curves.isEmpty { configuration.curves = material.curves.map { NIOTLSCurve($0) } }
    if let authorities = material.clientAuthorities {
      configuration.trustRoots = .certificates(try Self.certificates(authorities, or: .clientAuthorities))
    }
    configuration.certificateVerification =
      switch material.clients {
      case .none: .none
      case .ifGiven: .optionalVerification
      case .required: .noHostnameVerification
      }
    // A client that does not answer the goodbye holds a descriptor for as long.
    configuration.shutdownTimeout = .milliseconds(500)
    do { context = try NIOSSLContext(configuration: configuration) } catch { throw .together }
    clientNames = material.clientNames
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

  /// Whether a client with this certificate, that was verified before, may ask.
  func admits(_ certificate: NIOSSLCertificate?) -> Bool {
    guard !clientNames.isEmpty else { return true }
    guard let certificate else { return false }
    return certificate._subjectAlternativeNames().contains { name in
      let bytes = Array(name.contents)
      return clientNames.contains(
        name.nameType == .ipAddress ? Self.address(bytes) : String(decoding: bytes, as: UTF8.self))
    }
  }
}

extension ServerTLS {
  private static func address(_ bytes: [UInt8]) -> String {
    let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    return "\(bytes.count == 4 ? Address.v4(UInt32(number)) : .v6(number))"
  }
}

extension ServerTLS.Unusable: CustomStringConvertible {
  package var description: String {
    switch self {
    case .certificates: "cert_file has no certificates in PEM"
    case .key: "key_file has no key in PEM that can be read without a password"
    case .clientAuthorities: "client_ca_file has no certificates in PEM"
    case .together: "key_file does not fit cert_file"
    }
  }
}
