import Configuration
import Testing

private let basic = "basic_auth: {username: a, password_file: b}"
private let token = "authorization: {credentials_file: b}"

/// When nothing but TLS will do.
@Test(
  arguments: [
    ("job_name: node", nil), ("scheme: https", .scheme), ("scheme: http", nil), ("scheme: auto", nil),
    (basic, .credentials), (token, .credentials), ("scheme: auto, \(basic)", .credentials),
    ("scheme: http, \(basic)", nil), ("scheme: http, \(token)", nil), ("scheme: https, \(basic)", .scheme),
    ("tls_config: {}", nil), ("tls_config: {insecure_skip_verify: false}", nil),
    ("tls_config: {insecure_skip_verify: true}", nil), ("tls_config: {ca_file: a}", .verification),
    ("tls_config: {cert_file: a, key_file: b}", .verification), ("tls_config: {server_name: a.example}", .verification),
    ("tls_config: {ca_file: a, insecure_skip_verify: true}", nil),
    ("tls_config: {cert_file: a, key_file: b, insecure_skip_verify: true}", nil),
    ("tls_config: {insecure_skip_verify: true}, \(basic)", .credentials),
    ("tls_config: {ca_file: a}, \(token)", .credentials), ("scheme: https, tls_config: {ca_file: a}", .scheme),
  ] as [(String, TLSDemand?)])
func tlsIsDemandedForAReason(keys: String, demand: TLSDemand?) throws {
  let name = keys.hasPrefix("job_name") ? "" : "job_name: node, "
  let settings = try settings("scan_configs: [{\(name)ranges: [10.0.0.1], \(keys)}]")
  #expect(try #require(settings.jobs.first).tlsDemand == demand)
}
