internal import Documents
internal import Exporters

/// The exporters of a job as they were read.
struct ChosenExporters {
  var exporters: [(exporter: Exporter, place: Place)] = []
  /// Where `any` stands.
  var anyPlace: Place?
  /// False where a mistake kept one out.
  var isWhole = true
}

extension Reader {
  /// Names of the catalogue or `any`, each once.
  mutating func exporters(_ node: Node) -> ChosenExporters {
    let key = JobKey.exporters.rawValue
    guard let items = items(of: node, key: key) else { return ChosenExporters(isWhole: false) }
    let words = items.compactMap { text($0, .item(of: key)) }
    var chosen = exporters(words)
    chosen.isWhole = chosen.isWhole && words.count == items.count
    return chosen
  }

  mutating func exporters(_ written: [Written]) -> ChosenExporters {
    var chosen = ChosenExporters()
    for written in unique(written) {
      if written.text == KnownExporters.any {
        chosen.anyPlace = written.place
      } else if let exporter = exporters[written.text] {
        chosen.exporters.append((exporter, written.place))
      } else {
        chosen.isWhole = false
        guard exporters.lacks(written.text) else { continue }
        report(.exporter(.unknown(written.text, known: exporters.words)), at: written.place)
      }
    }
    return chosen
  }

  /// The ports that a job has, or those of its exporters, of which each then needs one.
  mutating func ports(of draft: JobDraft, _ chosen: ChosenExporters) -> [UInt16] {
    if let ports = draft.ports { return ports }
    if chosen.isWhole, !draft.faulty.contains(JobKey.ports.rawValue) {
      for (exporter, place) in chosen.exporters where exporter.ports.isEmpty {
        report(.exporter(.noPorts(exporter.name, key: place.portsKey)), at: place)
      }
      if chosen.exporters.isEmpty, let place = chosen.anyPlace {
        report(.exporter(.noPortsOfAny(key: place.portsKey)), at: place)
      }
    }
    return chosen.exporters.flatMap(\.exporter.ports)
  }
}

extension Place {
  /// What takes ports there.
  fileprivate var portsKey: String {
    switch self {
    case .file: JobKey.ports.rawValue
    case .argument: "--port"
    }
  }
}
