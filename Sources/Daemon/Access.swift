package import Configuration
internal import Files
internal import FoundationEssentials
internal import Glibc
internal import Probing
internal import Sweeping
internal import Synchronization

/// What a job presents to endpoints that are secured: read from its files, anew for each scan.
///
/// What was made of the files of the last scan is used again if they say the same.
package final class Access: Sendable {
  private let job: Job
  private let paths: SecretPaths
  private let state = Mutex(State())

  private struct State {
    var material = TLSClient.Material()
    /// Nil until it is needed, where the job names no files for it.
    var client: Result<TLSClient, LocalFailure>?
    var authorization: Result<String?, LocalFailure> = .success(nil)
  }

  package init(of job: Job, _ paths: SecretPaths) {
    self.job = job
    self.paths = paths
  }

  /// Reads the files, where the job names any. It waits for them, and whoever asks meanwhile has what was there before.
  package func refresh() {
    let authorization = Result { () throws(LocalFailure) in try makeAuthorization() }
    let material =
      namesTLSFiles ? Result { () throws(LocalFailure) in try self.material() } : .success(TLSClient.Material())
    state.withLock { state in
      state.authorization = authorization
      switch material {
      case .success(let new):
        guard new != state.material || (try? state.client?.get()) == nil else { return }
        state.material = new
        state.client = namesTLSFiles ? makeClient(of: new) : nil
      case .failure(let failure): state.client = .failure(failure)
      }
    }
  }

  private var namesTLSFiles: Bool { job.tls.caFile != nil || job.tls.certFile != nil }

  /// What is wrong with the files that the job names; nil where they can be used, or where it names none.
  package var fault: String? {
    refresh()
    do throws(LocalFailure) {
      if namesTLSFiles { _ = try tls() }
      _ = try authorization()
      return nil
    } catch {
      return error.description
    }
  }

  /// The client for TLS; throws what is wrong with the files of `tls_config`.
  func tls() throws(LocalFailure) -> TLSClient {
    try state.withLock { state in
      let client = state.client ?? makeClient(of: state.material)
      state.client = client
      return client
    }.get()
  }

  /// The value of `Authorization`, nil where the job has no credentials; throws what is wrong with their file.
  func authorization() throws(LocalFailure) -> String? {
    try state.withLock(\.authorization).get()
  }

  private func makeClient(of material: TLSClient.Material) -> Result<TLSClient, LocalFailure> {
    Result { () throws(LocalFailure) in
      do throws(TLSClient.Unusable) {
        return try TLSClient(
          material, serverName: job.tls.serverName, isVerifying: !job.tls.insecureSkipVerify)
      } catch {
        throw .noAccess("tls_config cannot be used: \(error)")
      }
    }
  }

  private func material() throws(LocalFailure) -> TLSClient.Material {
    TLSClient.Material(
      authorities: try job.tls.caFile.map { name throws(LocalFailure) in try paths.read(name, as: "ca_file") },
      certificates: try job.tls.certFile.map { name throws(LocalFailure) in try paths.read(name, as: "cert_file") },
      key: try job.tls.keyFile.map { name throws(LocalFailure) in try paths.read(name, as: "key_file") })
  }

  private func makeAuthorization() throws(LocalFailure) -> String? {
    switch job.credentials {
    case nil: return nil
    case .basic(let username, let file)?:
      return "Basic "
        + Data(Array("\(username):".utf8) + (try readSecret(file, as: "password_file"))).base64EncodedString()
    case .authorization(let type, let file)?:
      return "\(type) \(String(decoding: try readSecret(file, as: "credentials_file"), as: UTF8.self))"
    }
  }

  /// Without the white space around it, as Prometheus reads it; one that could not stand in a header is refused.
  private func readSecret(_ name: String, as key: String) throws(LocalFailure) -> [UInt8] {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    var secret = try paths.read(name, as: key).drop(while: isSpace)
    while let last = secret.last, isSpace(last) { secret.removeLast() }
    guard !secret.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw .noAccess("\(key) '\(paths.path(of: name))' has more than one line, or control characters, in it")
    }
    return Array(secret)
  }
}
