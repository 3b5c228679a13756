internal import Exposition

/// Finds out which exporter an exposition comes from, line by line.
///
/// Holds no line; what it keeps is bounded by the catalogue. A proof is a sample: a family that is only announced, or
/// that stands in a line that is no sample, proves nothing.
package struct Recognition: Sendable {
  private let search: Search
  private var proven: Set<Int> = []
  private var versions: [Int: String] = [:]
  private var nodenames: [Int: String] = [:]
  private var startTime: Double?
  private var hasSample = false
  private var hasOddLine = false
  /// The first family that proved something, for whoever wants to know why.
  package private(set) var firstProof: String?

  package init(_ search: Search) {
    self.search = search
  }

  /// Takes the next line, without its line feed; returns whether a further one could say more.
  package mutating func read(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }),
      first != UInt8(ascii: "#"), first != UInt8(ascii: "\r")
    else { return true }
    let name = line.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    let roles = search.catalogue.roles[String(decoding: name, as: UTF8.self)]
    // Parsing is for lines that matter, and for the first ones, by which an exposition is known as such.
    guard roles != nil || !hasSample else { return true }
    guard let sample = Sample(line: line), sample.value != nil else {
      hasOddLine = hasOddLine || !hasSample
      return true
    }
    hasSample = true
    for role in roles ?? [] { take(role, sample) }
    return !isComplete
  }

  private mutating func take(_ role: Catalogue.Role, _ sample: Sample) {
    switch role {
    case .proof(let index):
      if proven.insert(index).inserted { firstProof = firstProof ?? sample.name }
    case .version(let index, let label):
      if versions[index] == nil { versions[index] = sample.labels[label].flatMap(\.asName) }
    case .nodename(let index, let label):
      if nodenames[index] == nil { nodenames[index] = sample.labels[label].flatMap(\.asName) }
    case .startTime:
      if startTime == nil { startTime = sample.value.flatMap { $0.isFinite ? $0 : nil } }
    }
  }

  /// Whether the exporter that is wanted most is proven, and has told all it can tell.
  private var isComplete: Bool {
    guard let first = search.places.first, proven.contains(first), startTime != nil else { return false }
    let exporter = search.catalogue.exporters[first]
    return (exporter.version == nil || versions[first] != nil) && (exporter.nodename == nil || nodenames[first] != nil)
  }

  /// Who it is by now: of several that are proven, the one wanted most, then the first by name. `unknown` for an exposition
  /// that proves none of the catalogue, nil for what is no exposition.
  package var identity: Identity? {
    if let index = search.places.first(where: proven.contains) ?? proven.min() {
      return Identity(
        exporter: search.catalogue.exporters[index].name, version: versions[index], nodename: nodenames[index],
        startTime: startTime)
    }
    return hasSample && !hasOddLine ? Identity(exporter: Identity.unknownName, startTime: startTime) : nil
  }
}

extension String {
  /// A name as it came from the network, if it can stand in a label, a log line and a terminal: 1 to 255 bytes (RFC 1035
  /// allows no longer host name) without control characters.
  package var asName: String? {
    (1...255).contains(utf8.count) && unicodeScalars.allSatisfy(\.isPrintable) ? self : nil
  }

  /// Text from the network made fit for a log line: at most 80 characters, what cannot be printed replaced.
  package var asExcerpt: String {
    String(String.UnicodeScalarView(unicodeScalars.prefix(80).map { $0.isPrintable ? $0 : "?" }))
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
