internal import Documents
internal import Exporters

/// An exporter of the file as far as it was read.
private struct ExporterDraft {
  var place: Place
  /// As it is written, valid or not; nil where none can be read.
  var name: Written?
  var ports: [UInt16] = []
  var scheme = Scheme.http
  var metricsPath: String?
  var request: String?
  var proofs: [Written] = []
  var version: Exporter.Label?
  var nodename: Exporter.Label?
  var isFaulty = false

  init(place: Place) { self.place = place }

  var exporter: Exporter? {
    name.map { name in
      Exporter(
        name.text, ports: ports, scheme: scheme, metricsPath: metricsPath ?? Exporter.usualPath, request: request,
        proofs: proofs.map(\.text), version: version, nodename: nodename)
    }
  }
}

extension Reader {
  /// Reads the exporters that the file describes, and adds them to the catalogue.
  mutating func read(exporters node: Node) {
    let key = FileKey.exporters.rawValue
    guard let items = items(of: node, key: key, mayBeEmpty: true, atMost: ExporterProblem.maxExporters) else {
      exporters = KnownExporters(settings.catalogue, isComplete: false)
      return
    }
    var drafts = items.map { draft(ofExporter: $0) }
    judge(&drafts)
    settings.catalogue = settings.catalogue.adding(drafts.filter { !$0.isFaulty }.compactMap(\.exporter))
    exporters = KnownExporters(
      settings.catalogue, faultyNames: Set(drafts.filter(\.isFaulty).compactMap(\.name?.text)),
      isComplete: drafts.allSatisfy { $0.name != nil })
  }

  /// Looks for names and proofs that two exporters have; a built-in one whose name stands in the file has none.
  private mutating func judge(_ drafts: inout [ExporterDraft]) {
    var places: [String: Place] = [:]
    var owners: [String: String] = [:]
    let names = Set(drafts.compactMap(\.name?.text))
    for exporter in settings.catalogue.exporters where !names.contains(exporter.name) {
      for proof in exporter.proofs { owners[proof] = exporter.name }
    }
    for (index, draft) in drafts.enumerated() {
      let before = mistakes.count
      guard let name = draft.name else { continue }
      if let first = places[name.text] {
        report(.exporter(.nameTaken(name.text.excerpt, first: first)), at: name.place)
      } else {
        places[name.text] = draft.place
      }
      for proof in draft.proofs {
        let owner = owners[proof.text, default: name.text]
        owners[proof.text] = owner
        if owner != name.text {
          report(.exporter(.proofTaken(proof.text, exporter: owner.excerpt)), at: proof.place)
        }
      }
      if mistakes.count > before { drafts[index].isFaulty = true }
    }
  }

  private mutating func draft(ofExporter node: Node) -> ExporterDraft {
    var draft = ExporterDraft(place: place(of: node))
    let before = mistakes.count
    _ = readEntries(of: node, as: .exporter, .item(of: FileKey.exporters.rawValue)) { reader, key, node in
      if let key = ExporterKey(rawValue: key) { reader.read(key, node, into: &draft) }
    }
    draft.isFaulty = mistakes.count > before
    return draft
  }

  private mutating func read(_ key: ExporterKey, _ node: Node, into draft: inout ExporterDraft) {
    switch key {
    case .name:
      draft.name = exporterName(node)
    case .ports:
      draft.ports = ports(node, mayBeEmpty: true, atMost: ExporterProblem.maxItems) ?? draft.ports
    case .scheme:
      draft.scheme = choice(node, key.rawValue) ?? draft.scheme
    case .metricsPath:
      draft.metricsPath = path(node, key)
    case .request:
      draft.request = path(node, key)
    case .proofs:
      draft.proofs = proofs(node)
    case .version:
      draft.version = label(node, key)
    case .nodename:
      draft.nodename = label(node, key)
    }
  }

  private mutating func exporterName(_ node: Node) -> Written? {
    guard let written = text(node, .key(ExporterKey.name.rawValue)) else { return nil }
    let bytes = written.text.utf8
    if [KnownExporters.any, Identity.unknownName].contains(written.text) {
      report(.exporter(.reservedName(written.text)), at: written.place)
    } else if bytes.first?.isLowercaseLetter != true || bytes.count > ExporterProblem.maxNameBytes
      || !bytes.allSatisfy({ $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "_") })
    {
      report(.exporter(.name(written.text)), at: written.place)
    }
    return written
  }

  private mutating func path(_ node: Node, _ key: ExporterKey) -> String? {
    guard let written = text(node, .key(key.rawValue)) else { return nil }
    let bytes = written.text.utf8
    let isPath =
      bytes.first == UInt8(ascii: "/") && bytes.count <= ExporterProblem.maxPathBytes
      && bytes.allSatisfy { (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) && $0 != UInt8(ascii: "#") }
    guard isPath else {
      report(.exporter(.path(written.text, key: key.rawValue)), at: written.place)
      return nil
    }
    if key == .metricsPath, bytes.contains(UInt8(ascii: "?")) {
      report(.exporter(.questionMark(written.text)), at: written.place)
    }
    return written.text
  }

  private mutating func proofs(_ node: Node) -> [Written] {
    let key = ExporterKey.proofs.rawValue
    let items = items(of: node, key: key, atMost: ExporterProblem.maxItems) ?? []
    let families = items.compactMap { family($0, .item(of: key)) }
    for family in families where family.text.isCommonFamily {
      report(.exporter(.commonProof(family.text)), at: family.place)
    }
    return unique(families)
  }

  private mutating func label(_ node: Node, _ key: ExporterKey) -> Exporter.Label? {
    var familyName: String?
    var labelName: String?
    _ = readEntries(of: node, as: .label, .key(key.rawValue)) { reader, key, node in
      switch LabelKey(rawValue: key) {
      case .family: familyName = reader.family(node, .key(key))?.text
      case .label: labelName = reader.labelName(node, key)
      case nil: break
      }
    }
    guard let familyName, let labelName else { return nil }
    return Exporter.Label(labelName, of: familyName)
  }

  private mutating func labelName(_ node: Node, _ key: String) -> String? {
    guard let written = text(node, .key(key)) else { return nil }
    guard written.text.isLabelName else {
      report(.value(.labelName(written.text)), at: written.place)
      return nil
    }
    return written.text
  }

  private mutating func family(_ node: Node, _ subject: FormProblem.Subject) -> Written? {
    guard let written = text(node, subject) else { return nil }
    let bytes = written.text.utf8
    guard bytes.first?.isDigit == false, bytes.count <= ExporterProblem.maxFamilyBytes,
      bytes.allSatisfy({ $0.isWordCharacter || $0 == UInt8(ascii: ":") })
    else {
      report(.exporter(.family(written.text)), at: written.place)
      return nil
    }
    return written
  }
}

extension String {
  private static let commonPrefixes = [
    "go_gc_", "go_memstats_", "go_sched_", "go_cpu_", "go_cgo_", "go_godebug_", "promhttp_", "python_gc_",
  ]
  private static let commonFamilies: Set<String> = [
    "go_goroutines", "go_info", "go_threads", "go_build_info", "python_info", "up", "process_cpu_seconds_total",
    "process_max_fds", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
    "process_virtual_memory_bytes", "process_virtual_memory_max_bytes", "process_network_receive_bytes_total",
    "process_network_transmit_bytes_total",
  ]

  /// Whether client libraries add this metric family to every program that uses them.
  fileprivate var isCommonFamily: Bool {
    Self.commonFamilies.contains(self) || Self.commonPrefixes.contains(where: hasPrefix)
  }
}
