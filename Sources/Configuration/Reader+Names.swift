internal import Documents

extension Reader {
  /// It becomes a label, a field of the journal and a part of paths.
  mutating func jobName(_ node: Node) -> Written? {
    guard let written = text(node, .key(JobKey.jobName.rawValue)) else { return nil }
    let isValid = written.text.utf8.allSatisfy { $0.isWordCharacter || "-.".utf8.contains($0) }
    guard isValid, (1...64).contains(written.text.utf8.count),
      written.text.utf8.first?.isWordCharacter == true
    else {
      report(.value(.jobName(written.text)), at: written.place)
      return nil
    }
    return written
  }

  mutating func targetFile(_ node: Node) -> Written? {
    guard let written = text(node, .key(JobKey.targetFile.rawValue)) else { return nil }
    if let fault = TargetFileFault(in: written.text) {
      report(.value(.targetFile(written.text, fault)), at: written.place)
      return nil
    }
    return written
  }

  /// Labels for the groups of a target file.
  mutating func labels(_ node: Node) -> [String: String]? {
    guard let entries = uniqueEntries(of: node, .key(JobKey.labels.rawValue)) else { return nil }
    var labels: [String: String] = [:]
    for (name, entry) in entries {
      if let problem = problem(ofLabelName: name) { report(.value(problem), at: place(of: entry.key)) }
      guard let written = text(entry.value, .label(name)) else { continue }
      if let problem = problem(ofLabel: name, value: written.text) {
        report(.value(problem), at: written.place)
      }
      labels[name] = written.text
    }
    return labels
  }

  private func problem(ofLabelName name: String) -> ValueProblem? {
    guard name.isLabelName else { return .labelName(name) }
    let isReserved = name == "__address__" || name.hasPrefix("__meta_subnet_sd_")
    return isReserved ? .reservedLabel(name) : nil
  }

  private func problem(ofLabel name: String, value: String) -> ValueProblem? {
    if value.hasControlCharacters { return .controlCharacterInLabel(name) }
    return value.utf8.count > ValueProblem.maxLabelBytes ? .longLabel(name, count: value.utf8.count) : nil
  }
}

extension String {
  var isLabelName: Bool { utf8.first?.isDigit == false && utf8.allSatisfy(\.isWordCharacter) }
}
