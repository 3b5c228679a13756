internal import Addressing

/// The two notations in which Prometheus reads a `file_sd` file; it tells them apart by the file's name.
package enum TargetFileFormat: Hashable, Sendable {
  case yaml, json

  /// The notation that Prometheus expects in the file of this name: `.yml`, `.yaml` or `.json`, all in lower or
  /// all in upper case. It refuses any other.
  package init?(path: String) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[dot...] {
    case ".yml", ".yaml", ".YML", ".YAML": self = .yaml
    case ".json", ".JSON": self = .json
    default: return nil
    }
  }

  /// The bytes of a file that lists `groups` in the order given; the same groups yield the same bytes.
  ///
  /// No groups yield `[]`, the valid way to say that there are no targets. A YAML file kept for a `job` says so
  /// in its first line; JSON has no comments. A label name must stay below 1000 bytes: a longer key is no valid
  /// YAML.
  package func render(_ groups: [TargetGroup], keptFor job: String? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    // A target of IPv4 with its quotes and indentation takes about 28 bytes.
    bytes.reserveCapacity(groups.reduce(256) { $0 + 256 + $1.targets.count * 32 })
    switch self {
    case .yaml: Self.renderYAML(groups, keptFor: job, into: &bytes)
    case .json: Self.renderJSON(groups, into: &bytes)
    }
    return bytes
  }

  /// The bytes of a file that subnet-sd kept for a job and keeps no longer: no targets, and in YAML the reason.
  func renderRetired(keptFor job: String) -> [UInt8] {
    var bytes: [UInt8] = []
    if self == .yaml {
      bytes.append(Self.yamlMark)
      bytes.append(quoted: job)
      bytes.append(", which does not keep it any more; remove it when Prometheus does not read it.\n")
    }
    bytes.append("[]\n")
    return bytes
  }

  /// How the first line of a YAML file begins that subnet-sd keeps.
  static let yamlMark = "# Written by subnet-sd for job "

  private static func renderYAML(_ groups: [TargetGroup], keptFor job: String?, into bytes: inout [UInt8]) {
    if let job {
      bytes.append(yamlMark)
      bytes.append(quoted: job)
      bytes.append("; edits are overwritten.\n")
    }
    if groups.isEmpty { bytes.append("[]\n") }
    for group in groups {
      bytes.append(group.targets.isEmpty ? "- targets: []\n" : "- targets:\n")
      for target in group.targets {
        bytes.append("  - ")
        bytes.append(quoted: target.description)
        bytes.append("\n")
      }
      bytes.append(group.labels.isEmpty ? "  labels: {}\n" : "  labels:\n")
      for (name, value) in group.labels.sorted(by: { $0.key < $1.key }) {
        bytes.append("    ")
        bytes.append(quoted: name)
        bytes.append(": ")
        bytes.append(quoted: value)
        bytes.append("\n")
      }
    }
  }

  private static func renderJSON(_ groups: [TargetGroup], into bytes: inout [UInt8]) {
    bytes.append(list: groups, "[", "]", indentation: "") { group, bytes in
      bytes.append("{\n    \"targets\": ")
      bytes.append(list: group.targets, "[", "]", indentation: "    ") { target, bytes in
        bytes.append(quoted: target.description)
      }
      bytes.append(",\n    \"labels\": ")
      let labels = group.labels.sorted { $0.key < $1.key }
      bytes.append(list: labels, "{", "}", indentation: "    ") { label, bytes in
        bytes.append(quoted: label.key)
        bytes.append(": ")
        bytes.append(quoted: label.value)
      }
      bytes.append("\n  }")
    }
    bytes.append("\n")
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ text: String) {
    append(contentsOf: text.utf8)
  }

  /// A JSON array or object with one item a line, or none.
  fileprivate mutating func append<Item>(
    list items: [Item], _ opening: String, _ closing: String, indentation: String,
    _ appendItem: (Item, inout [UInt8]) -> Void
  ) {
    append(opening)
    for (index, item) in items.enumerated() {
      append(index == 0 ? "\n  " : ",\n  ")
      append(indentation)
      appendItem(item, &self)
    }
    if !items.isEmpty {
      append("\n")
      append(indentation)
    }
    append(closing)
  }
}
