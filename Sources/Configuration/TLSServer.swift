/// How the daemon speaks TLS with those who ask.
///
/// Files are named as they are written; nobody has looked whether they are there.
package struct TLSServer: Hashable, Sendable {
  /// The certificates that clients are asked for.
  package enum Clients: Hashable, Sendable {
    case notAsked
    /// One that is shown must be of an authority in the file.
    case mayShow(caFile: String)
    /// Must show one of an authority in the file; it has one of the names, if there are any.
    case mustShow(caFile: String, allowedNames: [String])
  }

  /// The raw value is the name that a web config file has for it.
  package enum Version: String, Hashable, Sendable, CaseIterable {
    case tls12 = "TLS12"
    case tls13 = "TLS13"
  }

  /// What TLS 1.2 can be told to use; the raw value is IANA's name.
  ///
  /// These are those of Go's crypto/tls that are safe; those of TLS 1.3 cannot be chosen, there or here.
  package enum CipherSuite: String, Hashable, Sendable, CaseIterable {
    case ecdsaAES128GCM = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
    case ecdsaAES256GCM = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    case ecdsaChaCha20 = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    case ecdsaAES128CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
    case ecdsaAES256CBC = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
    case rsaAES128GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    case rsaAES256GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    case rsaChaCha20 = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    case rsaAES128CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
    case rsaAES256CBC = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
  }

  /// The raw value is the name that a web config file has for it.
  package enum Curve: String, Hashable, Sendable, CaseIterable {
    case p256 = "CurveP256"
    case p384 = "CurveP384"
    case p521 = "CurveP521"
    case x25519 = "X25519"
  }

  package var certFile: String
  package var keyFile: String
  package var clients = Clients.notAsked
  /// Not above `maxVersion`.
  package var minVersion = Version.tls12
  package var maxVersion = Version.tls13
  /// Each once; the library's own where empty. Of these the client's order decides.
  package var cipherSuites: [CipherSuite] = []
  /// Each once; the library's own where empty. Of these the client's order decides.
  package var curves: [Curve] = []

  package init(certFile: String, keyFile: String) {
    self.certFile = certFile
    self.keyFile = keyFile
  }
}
