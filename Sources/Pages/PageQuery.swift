internal import Addressing

/// What of the status page somebody wants to see, as the query of its address says.
package struct PageQuery: Hashable, Sendable {
  /// What targets are searched for; empty for all.
  var text = ""
  var job: String?
  var state: StateFilter?
  var order = TargetOrder()
  /// From 1 on; may be more than there are.
  var page = 1
  /// The page of the list of jobs: from 1 on, and may be more than there are.
  var jobsPage = 1
  /// The map that is looked at; its length is one of a map.
  var prefix: Prefix?
  /// After how many seconds the page is loaded anew.
  var refresh: Int?

  /// More characters of a search are not looked at: a name has at most 253.
  static let longestText = 253
  static let refreshLimits = 5...3_600

  /// Reads the part of an address behind the `?`; what it does not know, and what makes no sense, is as if it were not
  /// there. Of a key that is there twice, the first counts.
  package init(_ query: some StringProtocol) {
    var values: [String: String] = [:]
    for part in query.utf8.split(separator: UInt8(ascii: "&")) {
      let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let key = Self.decoded(sides[0])
      if values[key] == nil { values[key] = sides.count == 2 ? Self.decoded(sides[1]) : "" }
    }
    text = String((values["q"] ?? "").prefix(Self.longestText))
    job = values["job"].flatMap { $0.isEmpty ? nil : $0 }
    state = values["state"].flatMap(StateFilter.init)
    order = values["sort"].flatMap(TargetOrder.init) ?? TargetOrder()
    page = values["page"].flatMap(Self.pageNumber) ?? 1
    jobsPage = values["jobs"].flatMap(Self.pageNumber) ?? 1
    prefix = values["prefix"].flatMap(Self.prefix)
    refresh = values["refresh"].flatMap { Int($0) }.flatMap { Self.refreshLimits.contains($0) ? $0 : nil }
  }

  /// It with something changed, for a link.
  func with(_ change: (inout PageQuery) -> Void) -> PageQuery {
    var other = self
    change(&other)
    return other
  }

  /// It as a reference relative to the page: `?q=web&page=2`, and `?` where it asks for nothing.
  var reference: String { "?" + pairs.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&") }

  /// What it asks for, as keys and values.
  var pairs: [(key: String, value: String)] {
    var pairs: [(key: String, value: String)] = []
    if !text.isEmpty { pairs.append(("q", text)) }
    if let job { pairs.append(("job", job)) }
    if let state { pairs.append(("state", state.rawValue)) }
    if order != TargetOrder() { pairs.append(("sort", order.text)) }
    if page != 1 { pairs.append(("page", String(page))) }
    if jobsPage != 1 { pairs.append(("jobs", String(jobsPage))) }
    if let prefix { pairs.append(("prefix", "\(prefix)")) }
    if let refresh { pairs.append(("refresh", String(refresh))) }
    return pairs
  }
}

/// Which targets are asked for.
enum StateFilter: String, CaseIterable {
  case up, silent, held, duplicate

  func accepts(_ target: TargetView) -> Bool {
    switch self {
    case .up: target.state == .up
    case .silent: target.state == .silent
    case .held: target.state == .held
    case .duplicate: target.duplicateOf != nil
    }
  }
}

// MARK: - Values

extension PageQuery {
  /// A number from 1 on; one that has too many digits is as large as can be.
  private static func pageNumber(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
    return max(1, Int(text) ?? .max)
  }

  /// The map that holds a prefix, with host bits or without, or an address.
  private static func prefix(_ text: String) -> Prefix? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ Address($0) }), parts.count <= 2 else { return nil }
    guard parts.count == 2 else { return Prefix(containing: address, length: address.bitWidth).ofMap }
    guard parts[1].utf8.allSatisfy(\.isDigit), let length = Int(parts[1]), length <= address.bitWidth else {
      return nil
    }
    return Prefix(containing: address, length: length).ofMap
  }

  /// Percent-encoded, but for what may stand in a query (RFC 3986 section 3.4) and is nothing to a form.
  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte.isPlain {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Without percent-encoding, as a form writes it; a `%` that encodes nothing is a `%`.
  private static func decoded(_ text: some Collection<UInt8>) -> String {
    let text = Array(text)
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "%"), index + 1 < text.count, let high = text[index].hexValue,
        let low = text[index + 1].hexValue
      {
        bytes.append(high << 4 | low)
        index += 2
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  /// Whether it stands for itself in a query.
  fileprivate var isPlain: Bool {
    switch self {
    case _ where isDigit, UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: "-._~:/".utf8.contains(self)
    }
  }

  fileprivate var hexValue: UInt8? { Character(Unicode.Scalar(self)).hexDigitValue.map(UInt8.init) }
}
