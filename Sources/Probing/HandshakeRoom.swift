/// How many may speak TLS at a time, and how much of a handshake each may send, so that all of them together take less than
/// 60 MiB.
///
/// The library makes some twenty bytes of each byte of a chain of tiny certificates, and keeps them with the connection. A
/// connection itself takes some 45 KB.
struct HandshakeRoom: Sendable {
  /// More is read of no handshake. Three certificates of RSA-4096 with 100 names are 16 KB, with 500 names 49 KB; the names of
  /// all authorities that a system trusts, of which a server wants a client's certificate, are 14 KB.
  static let maxLength = 65_536
  /// What most do with: three certificates of RSA-4096.
  static let usualLength = 8_192
  /// With less than this the connection itself is what takes room: a peer that drips is in no other's way.
  static let smallLength = 1_024

  /// Those that have a connection and were greeted.
  let connections = Turnstile(width: 384)
  /// Of those, the ones that have sent more than `smallLength`.
  let answering = Turnstile(width: 96)
  /// Of those, the ones that have sent more than `usualLength`.
  let large = Turnstile(width: 8)
}
