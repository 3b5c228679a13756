package import Addressing
package import Configuration
package import Exporters
internal import Probing

/// What a scan is to do, and what is known before it begins.
package struct ScanOrder: Sendable {
  package var job: Job
  package var search: Search
  /// The job's targets, each of which has more than one try.
  package var known: [Endpoint: Known]
  /// What the job presents to secured endpoints.
  package var access: Access
  /// How many more tries a target has where the first fails.
  package var retries = 2
  /// Whether the job's `spread` holds: not where the result is waited for.
  package var mayBeStretched = false

  /// What is known of a target.
  package struct Known: Hashable, Sendable {
    /// How it was spoken to last.
    package var scheme: Scheme
    /// Whether it has shown before that it is an exporter, and nothing has happened since.
    package var isTrusted: Bool

    package init(scheme: Scheme = .http, isTrusted: Bool = false) {
      self.scheme = scheme
      self.isTrusted = isTrusted
    }
  }

  package init(_ job: Job, among catalogue: Catalogue, known: [Endpoint: Known] = [:], access: Access) {
    self.job = job
    self.known = known
    self.access = access
    search = Search(catalogue, for: job.exporters.map(\.name), takesAny: job.listsAny)
  }

  /// How to find out what is at an endpoint; `isRetry` where an earlier try in this scan came to nothing.
  func plan(for endpoint: Endpoint, isRetry: Bool) -> Inquiry.Plan {
    let known = known[endpoint]
    let here = job.exporters.filter { $0.ports.contains(endpoint.port) }
    let exporters = here.isEmpty ? job.exporters : here
    let requests = exporters.map(\.request) + (job.listsAny ? [Exporter.usualPath] : [])
    // One request serves all who are asked at one path: where they would ask for different parts, the whole.
    var targets: [String] = []
    for request in requests {
      let others = requests.filter { $0.path == request.path }
      let target = Set(others).count > 1 ? String(request.path) : request
      if !targets.contains(target) { targets.append(target) }
    }
    let insistence = insistence(on: known)
    let scheme: Scheme =
      switch job.scheme {
      case .http: .http
      case .https: .https
      case .auto: insistence != nil ? .https : known?.scheme ?? exporters.first?.scheme ?? .http
      }
    // A target that falls silent and comes back may have become something else.
    let isTrusted = known?.isTrusted == true && !isRetry
    return Inquiry.Plan(
      targets: targets, scheme: scheme, mayChangeScheme: job.scheme == .auto && insistence == nil,
      insistence: insistence, isGuarded: mayPrint(endpoint) && !isTrusted)
  }

  /// Why only TLS will do at an endpoint of which this is known; nil where plain HTTP is as good.
  ///
  /// That it spoke TLS before goes first: then a setting of the job is not what keeps it from being a target.
  private func insistence(on known: Known?) -> Insistence? {
    if job.scheme != .http, known?.scheme == .https { return .past }
    return switch job.tlsDemand {
    case .scheme: .scheme
    case .credentials: .credentials
    case .verification: .verification
    case nil: nil
    }
  }

  /// Whether a printer may listen there, by the port and what the configuration says.
  func mayPrint(_ endpoint: Endpoint) -> Bool {
    Suspicion.ports.contains(endpoint.port) && !job.notPrinters.contains(endpoint.address)
  }

  /// Whether an endpoint is to have another try in this scan. What may have printed what it was sent, and is not known by
  /// an answer since, is not sent it again.
  func deservesRetry(_ verdict: Verdict, _ endpoint: Endpoint) -> Bool {
    guard let known = known[endpoint] else { return false }
    if case .printer = verdict { return false }
    return !verdict.isMute || known.isTrusted || !mayPrint(endpoint)
  }

  /// Over how long the first tries are stretched, nil for not at all.
  var stretch: Duration? { mayBeStretched && job.spread ? job.stretch : nil }

  /// How long the exchanges with one endpoint may take in all, after it was examined: one that is slow, and one more.
  var patience: Duration { job.probeTimeout * 2 }

  /// Whether the job's credentials may be sent over this scheme: over plain HTTP only if the job says so.
  func maySendCredentials(over scheme: Scheme) -> Bool { scheme == .https || job.scheme == .http }
}

extension Job {
  /// Over how long `spread` stretches a scan: the last tenth of the interval is for what its first tries lead to.
  package var stretch: Duration { scanInterval * 9 / 10 }
}

extension String {
  fileprivate var path: Substring { prefix { $0 != "?" } }
}
