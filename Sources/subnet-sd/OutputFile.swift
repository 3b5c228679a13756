import Addressing
import ArgumentParser
import Configuration
import Daemon
import Exporters
import Files
import Publishing

/// The target file of `scan --output`: looked at before the scan, replaced after it.
struct OutputFile {
  private let file: TargetFile
  private let endpoints: EndpointSet
  /// What the file lists by now: these get the tries of a target, so that one lost packet drops none of them.
  let known: [Endpoint: ScanOrder.Known]

  /// Nil if Prometheus reads no file of such a name. A file that could not be replaced is told before anybody is
  /// contacted.
  init?(_ path: String, for jobs: [Job]) throws {
    let addresses = AddressSet(jobs.flatMap(\.endpoints.addresses.spans))
    guard let endpoints = EndpointSet(addresses: addresses, ports: jobs.flatMap(\.endpoints.ports)),
      let file = TargetFile(
        path: path, job: jobs.map(\.name).joined(separator: ", "), mode: 0o644,
        formerJobs: Set(jobs.map(\.name)))
    else { return nil }
    self.endpoints = endpoints
    self.file = file
    do throws(PublishingError) {
      try file.check()
      known = try file.adopt(within: endpoints).wanted.mapValues { ScanOrder.Known(scheme: $0.scheme ?? .http) }
    } catch {
      throw Self.failure(error)
    }
  }

  /// Writes only what was scanned whole: a part would be a shorter list, and look like a true one.
  func write(_ results: [ScanResult]) throws {
    guard results.allSatisfy(\.isComplete) else {
      return complain("'\(file.path)' is left as it is, because the scan is incomplete")
    }
    do throws(PublishingError) {
      let replacement = try file.replace(with: results.flatMap(\.groups), within: endpoints)
      complain(replacement == .unchanged ? "'\(file.path)' is unchanged" : "'\(file.path)' replaced")
    } catch {
      throw Self.failure(error)
    }
  }

  private static func failure(_ error: PublishingError) -> ExitCode {
    complain("\(error)")
    return .failure
  }
}
