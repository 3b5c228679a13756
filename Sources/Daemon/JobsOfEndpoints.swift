internal import Addressing
internal import Configuration

/// Which jobs scan each of some endpoints, found in one pass over the jobs and the endpoints.
struct JobsOfEndpoints {
  private var places: [Endpoint: [Int]] = [:]

  init(_ endpoints: some Collection<Endpoint>, among jobs: [JobState]) {
    guard !endpoints.isEmpty else { return }
    let spans = jobs.enumerated().flatMap { place, job in job.job.endpoints.addresses.spans.map { ($0, place) } }
      .sorted { $0.0.first < $1.0.first }
    var rest = spans[...]
    var open: [(span: AddressSpan, place: Int)] = []
    for endpoint in endpoints.sorted() {
      while let (span, place) = rest.first, span.first <= endpoint.address {
        open.append((span, place))
        rest.removeFirst()
      }
      open.removeAll { $0.span.last < endpoint.address }
      places[endpoint] = open.map(\.place).filter { jobs[$0].job.endpoints.contains(endpoint) }.sorted()
    }
  }

  /// The places of the jobs that scan an endpoint, in ascending order.
  subscript(endpoint: Endpoint) -> [Int] { places[endpoint] ?? [] }
}
