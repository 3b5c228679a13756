/// How TLS is spoken and what is believed of it, as in the `tls_config` of prometheus.yml.
///
/// Files are named as they are written; nobody has looked whether they are there.
package struct TLSSettings: Hashable, Sendable {
  /// The authorities to believe, instead of those of the system.
  package var caFile: String?
  /// Only together with `keyFile`.
  package var certFile: String?
  package var keyFile: String?
  /// The DNS name that is asked for and must stand in the certificate, instead of the address.
  package var serverName: String?
  package var insecureSkipVerify: Bool

  package init(
    caFile: String? = nil, certFile: String? = nil, keyFile: String? = nil, serverName: String? = nil,
    insecureSkipVerify: Bool = false
  ) {
    self.caFile = caFile
    self.certFile = certFile
    self.keyFile = keyFile
    self.serverName = serverName
    self.insecureSkipVerify = insecureSkipVerify
  }
}
