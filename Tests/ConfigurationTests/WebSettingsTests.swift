import Addressing
import Configuration
import Testing

/// The web settings of a file with `web` in it.
private func web(_ text: String) throws(ConfigurationError) -> WebSettings {
  try settings("scan_configs: [{job_name: node, ranges: [10.0.0.1]}]\nweb: \(text)").web
}

/// What is said of a listen address, without the place.
private func refusal(_ address: String) -> String {
  do throws(ConfigurationError) {
    _ = try web("{listen_address: \"\(address)\"}")
    return ""
  } catch {
    return "\(error)".replacing("config.yml:2:23: ", with: "")
  }
}

@Test(arguments: ["", "~", "{}", "{enable_lifecycle: false, config_file: \"\", listen_address: 127.0.0.1:19100}"])
func webMayBeCommentedOut(text: String) throws {
  let web = try web(text)
  #expect(web == WebSettings())
  #expect(web.listenAddress == .tcp(Endpoint(address: .v4(0x7F00_0001), port: 19100)))
  #expect(web.configFile == nil)
  #expect(web.enableLifecycle == false)
}

@Test func readsEveryKeyOfWeb() throws {
  let web = try web(
    """

      listen_address: :9100
      config_file: ../a b.yml
      enable_lifecycle: true
      allowed_hosts: [Scanner.example.org, sd]
    """)
  #expect(web.listenAddress == .everywhere(port: 9100))
  #expect(web.configFile == "../a b.yml")
  #expect(web.enableLifecycle)
  #expect(web.allowedHosts == ["scanner.example.org", "sd"])
}

@Test(arguments: ["", "a b", "a:80", "http://a", "a.", ".a", "a..b", "*.a", "[::1]", "ä", "a/b"])
func allowsNoHostThatIsNoName(text: String) {
  #expect(throws: ConfigurationError.self) { try web("{allowed_hosts: [\"\(text)\"]}") }
}

private let longestPath = "/" + String(repeating: "x", count: 106)

@Test(
  arguments: [
    ("", .off), ("0.0.0.0:1", .tcp(Endpoint(address: .v4(0), port: 1))),
    ("10.0.0.1:65535", .tcp(Endpoint(address: .v4(0x0A00_0001), port: 65_535))),
    ("[::1]:19100", .tcp(Endpoint(address: .v6(1), port: 19100))),
    ("[::]:19100", .tcp(Endpoint(address: .v6(0), port: 19100))), (":19100", .everywhere(port: 19100)),
    ("unix:/run/subnet-sd/web.sock", .unix("/run/subnet-sd/web.sock")), ("unix:/run/ü b:1", .unix("/run/ü b:1")),
    ("unix:\(longestPath)", .unix(longestPath)),
  ] as [(String, ListenAddress)])
func readsListenAddresses(text: String, address: ListenAddress) throws {
  #expect(try web("{listen_address: \"\(text)\"}").listenAddress == address)
  #expect(address.description == text)
}

@Test func writesAListenAddressInItsOneForm() {
  #expect(ListenAddress("[FD00:0::1]:0080")?.description == "[fd00::1]:80")
  #expect(ListenAddress(":0080")?.description == ":80")
}

@Test(arguments: [
  ("localhost:19100", "127.0.0.1:19100"), ("localhost:80", "127.0.0.1:80"), ("node-1.example.org:9", "127.0.0.1:9"),
])
func listensOnNoName(text: String, instead: String) {
  #expect(refusal(text) == "'\(text)' is not a listen_address, as names are not looked up; write \(instead)")
}

@Test(arguments: [
  "127.0.0.1", "localhost", "19100", ":", "127.0.0.1:", ":0", ":65536", "127.0.0.1:0", "127.0.0.1:65536",
  "127.0.0.1:+80", ":80 ", " :80", "::1:19100", "[::1]", "[127.0.0.1]:80", "[fe80::1%eth0]:80", "127.1:80", "*:80",
  "http://127.0.0.1:19100", "localhost:0", "127.0.0.1:19100/metrics", "UNIX:/run/x", "/run/x", "vsock://:80",
])
func refusesWhatIsNoListenAddress(text: String) {
  #expect(
    refusal(text)
      == "'\(text)' is not a listen_address; write 127.0.0.1:19100, \"[::1]:19100\", :19100 for every address, "
      + "unix:/PATH, or \"\" for none")
}

@Test(arguments: [
  "unix:", "unix:/", "unix:run/x", "unix:@x", "unix:/run/x/", "unix:/run/\\n", "unix:/run/\\0x", "unix:\(longestPath)x",
])
func refusesWhatIsNoSocketsPath(text: String) {
  #expect(
    refusal(text)
      == "'unix:' must be followed by an absolute path of up to 107 bytes that ends in a name, without control characters"
  )
}
