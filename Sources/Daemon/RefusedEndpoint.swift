internal import Addressing
internal import Configuration
internal import Inventory
internal import Probing

/// An endpoint that answers and is no target, as operators see it.
struct RefusedEndpoint {
  let endpoint: Endpoint
  /// A job that scans it.
  let job: String
  /// A word for the verdict.
  let kind: String
  let reason: String
  /// Since when it is left alone, and until when; nil where it is asked at each scan.
  let times: (since: SuspendingClock.Instant, until: SuspendingClock.Instant)?

  /// What is left alone, and what else the last scan of each job met, some of it where there is much; in the order of
  /// endpoints.
  static func all(of jobs: [JobState], _ refusals: Refusals) -> [RefusedEndpoint] {
    var all: [RefusedEndpoint] = []
    let owners = JobsOfEndpoints(refusals.entries.keys, among: jobs)
    for (endpoint, refusal) in refusals.entries {
      guard let place = owners[endpoint].first(where: { jobs[$0].inventory.targets[endpoint] == nil }) else { continue }
      let owner = jobs[place]
      all.append(
        RefusedEndpoint(
          endpoint: endpoint, job: owner.job.name, kind: refusal.kind.rawValue, reason: refusal.reason,
          times: (refusal.since, refusal.until)))
    }
    for state in jobs {
      for (endpoint, verdict) in state.lastOutcome?.others ?? [:]
      where refusals.entries[endpoint] == nil && state.inventory.targets[endpoint] == nil {
        all.append(
          RefusedEndpoint(
            endpoint: endpoint, job: state.job.name, kind: verdict.kind, reason: verdict.description, times: nil))
      }
    }
    for state in jobs {
      for excess in state.inventory.excess {
        for endpoint in excess.endpoints {
          all.append(
            RefusedEndpoint(
              endpoint: endpoint, job: state.job.name, kind: Excess.kind, reason: excess.reason, times: nil))
        }
      }
    }
    return all.sorted { ($0.endpoint, $0.job) < ($1.endpoint, $1.job) }
  }
}
