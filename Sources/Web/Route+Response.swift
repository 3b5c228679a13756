internal import Exposition
internal import Pages

extension Route {
  /// What a client gets who asks for this, which must not be `.reload`.
  func response(to request: Request, from snapshot: Snapshot, _ statistics: Statistics) -> Response {
    switch self {
    case .status:
      return .page(StatusPage(snapshot.overview(), PageQuery(request.query)).html)
    case .metrics:
      return Response(
        200, "text/plain; version=0.0.4; charset=utf-8",
        (snapshot.metrics() + statistics.families).flatMap(\.exposition))
    case .targetGroups(let job): return Self.groups(of: job, request, snapshot)
    case .inventory: return Response.json(snapshot.inventory()).tagged(for: request)
    case .healthy:
      return snapshot.illness.map { Response(503, $0) } ?? Response(200, "subnet-sd is healthy")
    case .ready:
      let doubts = snapshot.groups.compactMap(\.doubt)
      return doubts.isEmpty ? Response(200, "subnet-sd is ready") : .notYet(doubts)
    case .reload: preconditionFailure("nothing is looked at to reload")
    }
  }

  /// The whole list each time. Prometheus keeps what it has where it gets an error, and would drop all targets at `[]`.
  private static func groups(of job: String?, _ request: Request, _ snapshot: Snapshot) -> Response {
    let chosen = snapshot.groups.filter { job == nil || $0.job == job }
    guard job == nil || !chosen.isEmpty else { return Response(404, "there is no such job") }
    let doubts = chosen.compactMap(\.doubt)
    guard doubts.isEmpty else { return .notYet(doubts) }
    return Response.json(snapshot.targetGroups(chosen.map(\.job))).tagged(for: request)
  }
}

extension Response {
  /// Nothing is fetched from anywhere, no script runs, and no other page may frame it.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none';"
    + " frame-ancestors 'none'"

  fileprivate static func page(_ html: [UInt8]) -> Response {
    Response(
      200, "text/html; charset=utf-8", html, headers: [.init(name: "Content-Security-Policy", value: policy)])
  }

  fileprivate static func notYet(_ doubts: [String]) -> Response {
    Response(503, doubts.joined(separator: "\n"), headers: [.init(name: "Retry-After", value: "5")])
  }

  /// With an entity tag, and without a body for who has this one already (RFC 9110, section 13.1.2).
  func tagged(for request: Request) -> Response {
    let tag = "\"\(String(body.fingerprint, radix: 16))-\(body.count)\""
    var response = self
    if let known = request.ifNoneMatch, known.names(tag) {
      response = Response(304, contentType, [])
    }
    response.headers.append(.init(name: "ETag", value: tag))
    return response
  }
}

extension String {
  /// Whether a list of entity tags has this one in it; weak ones count, too.
  fileprivate func names(_ tag: String) -> Bool {
    split(separator: ",").contains { item in
      let item = item.drop { $0 == " " || $0 == "\t" }
      let name = item.hasPrefix("W/") ? item.dropFirst(2) : item
      let last = name.lastIndex { $0 != " " && $0 != "\t" }
      return last.map { name[...$0] == tag || name[...$0] == "*" } ?? false
    }
  }
}

extension [UInt8] {
  /// FNV-1a, 64 bits: the same in each process, and enough to tell two lists of ours apart.
  fileprivate var fingerprint: UInt64 {
    reduce(0xCBF2_9CE4_8422_2325) { hash, byte in (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  }
}
