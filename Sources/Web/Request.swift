internal import NIOHTTP1

/// What a client asks, as far as an answer depends on it.
struct Request: Hashable, Sendable {
  var method: String
  /// Without the query.
  var path: String
  /// What stands behind the `?`, as it was sent.
  var query: String
  var ifNoneMatch: String?
  var authorization: String?
  /// Where a browser says that the request comes from (Fetch Metadata).
  var fetchSite: String?
  var origin: String?
  /// More than one is no request (RFC 9112, section 3.2).
  var hosts: [String]

  init(
    _ method: String, _ target: String, ifNoneMatch: String? = nil, authorization: String? = nil,
    fetchSite: String? = nil, origin: String? = nil, hosts: [String] = []
  ) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    path = String(parts[0])
    query = parts.count > 1 ? String(parts[1]) : ""
    self.ifNoneMatch = ifNoneMatch
    self.authorization = authorization
    self.fetchSite = fetchSite
    self.origin = origin
    self.hosts = hosts
  }

  init(_ head: HTTPRequestHead) {
    self.init(
      head.method.rawValue, head.uri, ifNoneMatch: head.headers.first(name: "If-None-Match"),
      authorization: head.headers.first(name: "Authorization"), fetchSite: head.headers.first(name: "Sec-Fetch-Site"),
      origin: head.headers.first(name: "Origin"), hosts: head.headers["Host"])
  }

  /// Whether no browser says that a page of somebody else's has asked, with the credentials of whom it shows it to.
  var isOfThisSite: Bool {
    if let fetchSite, !["same-origin", "none"].contains(fetchSite) { return false }
    guard let origin else { return true }
    let authority = origin.firstIndex(of: "/").map { origin[$0...].drop { $0 == "/" }.lowercased() }
    return authority != nil && authority == host?.lowercased()
  }

  var host: String? { hosts.first }

  var isForHeadOnly: Bool { method == "HEAD" }
}

/// What a client gets.
struct Response: Hashable, Sendable {
  var status: Int
  var contentType: String
  var body: [UInt8]
  var headers: [Header] = []

  struct Header: Hashable, Sendable {
    let name: String
    let value: String
  }

  init(_ status: Int, _ contentType: String, _ body: [UInt8], headers: [Header] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.headers = headers
  }

  /// A sentence, without its end of the line.
  init(_ status: Int, _ sentence: String, headers: [Header] = []) {
    self.init(status, "text/plain; charset=utf-8", Array("\(sentence)\n".utf8), headers: headers)
  }

  /// The head for HTTP/1.1; `added` stands in place of what has the same name.
  func head(with added: [(name: String, value: String)], isLast: Bool) -> HTTPResponseHead {
    var fields = HTTPHeaders([
      ("Content-Type", contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
      ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "deny"),
    ])
    if status != 304 { fields.add(name: "Content-Length", value: "\(body.count)") }
    for header in headers { fields.replaceOrAdd(name: header.name, value: header.value) }
    for header in added { fields.replaceOrAdd(name: header.name, value: header.value) }
    if isLast { fields.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
  }

  static func json(_ body: [UInt8]) -> Response { Response(200, "application/json", body) }
}
