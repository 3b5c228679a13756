/// What there is to be asked for.
enum Route: Hashable, Sendable {
  case status
  case metrics
  /// Target groups for `http_sd_configs`, of one job or of all.
  case targetGroups(job: String?)
  case inventory
  case healthy
  case ready
  case reload

  /// Nil for a path at which there is nothing.
  init?(path: String) {
    switch path {
    case "/": self = .status
    case "/metrics": self = .metrics
    case "/sd": self = .targetGroups(job: nil)
    case "/api/v1/targets": self = .inventory
    case "/-/healthy": self = .healthy
    case "/-/ready": self = .ready
    case "/-/reload": self = .reload
    default:
      guard path.hasPrefix("/sd/"), let job = String(percentEncoded: path.dropFirst(4)), !job.isEmpty else {
        return nil
      }
      self = .targetGroups(job: job)
    }
  }

  /// The methods that it knows, for `Allow`.
  var methods: [String] { self == .reload ? ["POST", "PUT"] : ["GET", "HEAD"] }

  /// Whether a Prometheus asks for it, and not a person.
  var isForPrometheus: Bool {
    switch self {
    case .metrics, .targetGroups, .healthy, .ready: true
    case .status, .inventory, .reload: false
    }
  }

  /// A word to count requests by.
  var word: String {
    switch self {
    case .status: "/"
    case .metrics: "/metrics"
    case .targetGroups: "/sd"
    case .inventory: "/api/v1/targets"
    case .healthy: "/-/healthy"
    case .ready: "/-/ready"
    case .reload: "/-/reload"
    }
  }
}

extension String {
  /// Decodes `%41` (RFC 3986, section 2.1); nil where that leads to no UTF-8.
  fileprivate init?(percentEncoded text: some StringProtocol) {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self.init(validating: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate var hexDigit: UInt8? { Character(Unicode.Scalar(self)).hexDigitValue.map(UInt8.init) }
}
