/// By which column targets are ordered, and in which direction.
struct TargetOrder: Hashable {
  enum Column: String, CaseIterable {
    case target, job, state, exporter, version, name, known, silent
  }

  var column = Column.target
  var isDescending = false

  init() {}

  init(_ column: Column, isDescending: Bool = false) {
    self.column = column
    self.isDescending = isDescending
  }

  /// Parses `version` or `-version`.
  init?(_ text: String) {
    isDescending = text.hasPrefix("-")
    guard let column = Column(rawValue: String(text.dropFirst(isDescending ? 1 : 0))) else { return nil }
    self.column = column
  }

  var text: String { (isDescending ? "-" : "") + column.rawValue }
}

extension TargetOrder.Column {
  var title: StaticString {
    switch self {
    case .target: "Target"
    case .job: "Job"
    case .state: "State"
    case .exporter: "Exporter"
    case .version: "Version"
    case .name: "Name"
    case .known: "Known since"
    case .silent: "Silent since"
    }
  }
}

extension String {
  /// A text that sorts as people do: without regard to case, and numbers in it by their value, so that `web-9` comes
  /// before `web-10`.
  var sortKey: String {
    var key: [UInt8] = []
    var digits: [UInt8] = []
    func addDigits() {
      guard !digits.isEmpty else { return }
      // How many digits a number has says first how large it is.
      key.append(UInt8(ascii: "0") + UInt8(min(digits.count, 9)))
      key += digits
      digits = []
    }
    for byte in lowercased().utf8 {
      guard byte.isDigit else {
        addDigits()
        key.append(byte)
        continue
      }
      if digits == [UInt8(ascii: "0")] { digits = [] }
      digits.append(byte)
    }
    addDigits()
    return String(decoding: key, as: UTF8.self)
  }
}
