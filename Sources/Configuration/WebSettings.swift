/// How the daemon can be asked over HTTP, as `web` says.
package struct WebSettings: Hashable, Sendable {
  package var listenAddress = ListenAddress.standard
  /// A `WebConfig`, named as it is written; nobody has looked whether it is there.
  package var configFile: String?
  /// Whether whoever may ask may also tell the daemon what to do.
  package var enableLifecycle = false

  /// Names by which the daemon may be asked, beside the machine's own and any address: in lower case, without a port.
  package var allowedHosts: [String] = []

  package init() {}
}
