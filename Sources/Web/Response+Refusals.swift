/// Answers that are no answer to what was asked for.
extension Response {
  static let unauthorized = Response(
    401, "Unauthorized", headers: [.init(name: "WWW-Authenticate", value: "Basic realm=\"subnet-sd\"")])

  static let tooManyPasswords = Response(
    429, "too many passwords are being checked", headers: [.init(name: "Retry-After", value: "1")])

  static let misdirected = Response(
    421, "the daemon does not know the name in 'Host'; write it into 'allowed_hosts' under 'web' if it is the daemon's")

  static func reloaded(_ outcome: Backend.Reload) -> Response {
    switch outcome {
    case .done: Response(200, "configuration reloaded")
    case .busy:
      Response(503, "too many wait for a reload", headers: [.init(name: "Retry-After", value: "1")])
    case .disabled: Response(403, "reloading is not enabled; write 'enable_lifecycle: true' under 'web'")
    case .refused(let lines):
      Response(500, (["configuration not reloaded, keeping the previous one"] + lines).joined(separator: "\n"))
    }
  }

  /// To a request that is not heard to its end.
  static func refusal(_ status: Int, _ bounds: Bounds) -> Response {
    switch status {
    case 408: Response(408, "the request did not come in time")
    case 414: Response(414, "the path and query have more than \(bounds.targetLength) bytes")
    case 431:
      Response(431, "the request has more than \(bounds.requestLength) bytes or \(bounds.headerCount) header fields")
    default: Response(400, "this is no HTTP request")
    }
  }

  static let noRoom = Response(
    503, "too many answers are on their way", headers: [.init(name: "Retry-After", value: "1")])
}
