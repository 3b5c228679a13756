internal import Documents

extension Reader {
  /// A duration in Prometheus form within `bounds`.
  mutating func duration(_ node: Node, _ key: CommonKey, _ bounds: ClosedRange<Duration>) -> Duration? {
    guard let written = text(node, .key(key.rawValue), wanted: .duration) else { return nil }
    guard let duration = Duration(prometheusText: written.text), bounds.contains(duration) else {
      report(.value(.duration(written.text, key: key.rawValue, bounds)), at: written.place)
      return nil
    }
    return duration
  }

  /// A duration within `bounds`, or `never`.
  mutating func timeLimit(_ node: Node, _ key: CommonKey, _ bounds: ClosedRange<Duration>) -> TimeLimit? {
    guard let written = text(node, .key(key.rawValue), wanted: .duration) else { return nil }
    if written.text == "never" { return .never }
    guard let duration = Duration(prometheusText: written.text), bounds.contains(duration) else {
      report(.value(.timeLimit(written.text, key: key.rawValue, bounds)), at: written.place)
      return nil
    }
    return .after(duration)
  }

  /// A whole number from 0 to 100 with its sign, such as `15%`.
  mutating func percentage(_ node: Node, _ key: CommonKey) -> Int? {
    guard let written = text(node, .key(key.rawValue), wanted: .percentage) else { return nil }
    let digits = written.text.dropLast()
    guard written.text.last == "%", let number = Int(digits), String(number) == digits, (0...100).contains(number)
    else {
      report(.value(.percentage(written.text, key: key.rawValue)), at: written.place)
      return nil
    }
    return number
  }

  /// One of a few words.
  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ node: Node, _ key: String) -> Choice? {
    text(node, .key(key)).flatMap { choice($0, key) }
  }

  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ written: Written, _ key: String
  ) -> Choice? {
    guard let choice = Choice(rawValue: written.text) else {
      let known = Choice.allCases.map(\.rawValue)
      report(.value(.choice(written.text, key: key, known: known)), at: written.place)
      return nil
    }
    return choice
  }

  /// Labels of single targets, each once, in the order of all cases.
  mutating func targetLabels(_ node: Node) -> [TargetLabel] {
    let key = JobKey.targetLabels.rawValue
    let words = (items(of: node, key: key, mayBeEmpty: true) ?? []).compactMap { text($0, .item(of: key)) }
    let chosen = Set(unique(words).compactMap { choice($0, key) as TargetLabel? })
    return TargetLabel.allCases.filter(chosen.contains)
  }

  /// A whole number within `bounds`, the value of a key.
  mutating func number(_ node: Node, _ key: String, _ bounds: ClosedRange<Int>) -> Int? {
    guard let written = plain(node, .key(key), wanted: .number) else { return nil }
    return number(written, noun: key, bounds)
  }

  /// Decimal digits without a leading zero, which some would read as octal.
  private mutating func number(_ written: Written, noun: String, _ bounds: ClosedRange<Int>) -> Int? {
    guard let number = Int(written.text), String(number) == written.text, bounds.contains(number) else {
      report(.value(.number(written.text, noun: noun, bounds)), at: written.place)
      return nil
    }
    return number
  }

  mutating func boolean(_ node: Node, _ key: String) -> Bool? {
    guard let written = plain(node, .key(key), wanted: .boolean) else { return nil }
    guard let value = Bool(written.text) else {
      report(.value(.boolean(written.text)), at: written.place)
      return nil
    }
    return value
  }

  /// Octal digits, in quotes or not.
  mutating func fileMode(_ node: Node) -> UInt32? {
    guard let written = text(node, .key(JobKey.fileMode.rawValue)) else { return nil }
    // From 0400 up the owner can read, up to 0777 there is no setuid.
    let isOctal = written.text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
    guard isOctal, (3...4).contains(written.text.utf8.count), let mode = UInt32(written.text, radix: 8),
      (0o400...0o777).contains(mode)
    else {
      report(.value(.fileMode(written.text)), at: written.place)
      return nil
    }
    return mode
  }

  /// Ports, each once, in the order they are written in.
  mutating func ports(_ node: Node, mayBeEmpty: Bool = false, atMost limit: Int = .max) -> [UInt16]? {
    let key = JobKey.ports.rawValue
    let items = items(of: node, key: key, mayBeEmpty: mayBeEmpty, atMost: limit)
    return items.map { ports($0.compactMap { plain($0, .item(of: key), wanted: .number) }) }
  }

  mutating func ports(_ written: [Written]) -> [UInt16] {
    let valid = written.filter { number($0, noun: "port", 1...Int(UInt16.max)) != nil }
    return unique(valid).compactMap { UInt16($0.text) }
  }

  /// What is written, each text once.
  mutating func unique(_ written: [Written]) -> [Written] {
    var seen: Set<String> = []
    return written.filter { written in
      let isNew = seen.insert(written.text).inserted
      if !isNew { report(.form(.repeated(written.text)), at: written.place) }
      return isNew
    }
  }
}
