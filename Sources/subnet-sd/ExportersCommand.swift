import ArgumentParser
import Configuration
import Exporters
import Glibc
import Publishing

/// `subnet-sd exporters`: the catalogue.
struct ExportersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exporters",
    abstract: "List the exporters that can be told by what they answer.",
    discussion: """
      Their names stand in 'exporters' of a job. Those that the configuration adds are listed, too. As YAML they have \
      the form of the configuration's own 'exporters', to begin one of yours with:
        subnet-sd exporters node_exporter --format yaml
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, yaml
  }

  @Argument(
    help: ArgumentHelp("Only these.", valueName: "name"),
    completion: .list(Catalogue.builtIn.exporters.map(\.name)))
  var names: [String] = []

  @OptionGroup var config: ConfigurationOption

  @Option(help: "How to show them.")
  var format = Format.table

  func run() throws {
    let catalogue = try catalogue()
    for name in names where catalogue[name] == nil {
      complain("there is no exporter '\(name)'; 'subnet-sd exporters' lists them all")
      throw ExitCode.validationFailure
    }
    let chosen = catalogue.exporters.filter { names.isEmpty || names.contains($0.name) }
    switch format {
    case .table: try printResult(chosen.table(isColoured: Terminal.hasColours(STDOUT_FILENO)).utf8)
    case .yaml: try printResult(chosen.yaml)
    }
  }

  private func catalogue() throws -> Catalogue {
    if config.path == nil, unsafe access(ConfigurationOption.defaultPath, F_OK) != 0 { return .builtIn }
    return try Settings.loadOrComplain(config.pathOrDefault, needsJobs: false).catalogue
  }
}

extension [Exporter] {
  fileprivate func table(isColoured: Bool) -> String {
    var table = Table("EXPORTER", "PORTS", "SCHEME", "PATH", "KNOWN BY")
    for exporter in self {
      let ports = exporter.ports.map(String.init).joined(separator: ", ")
      table.append(
        exporter.name, ports.isEmpty ? "-" : ports, exporter.scheme.rawValue, exporter.metricsPath,
        exporter.proofs.joined(separator: ", "))
    }
    return table.text(isColoured: isColoured)
  }

  /// In the form of the configuration; what stands for itself is left out.
  fileprivate var yaml: [UInt8] {
    var bytes = [UInt8]("exporters:\n".utf8)
    for exporter in self {
      bytes += "  - name: \(exporter.name)\n".utf8
      if !exporter.ports.isEmpty {
        bytes += "    ports: [\(exporter.ports.map(String.init).joined(separator: ", "))]\n".utf8
      }
      if exporter.scheme != .http { bytes += "    scheme: \(exporter.scheme.rawValue)\n".utf8 }
      if exporter.metricsPath != Exporter.usualPath { bytes.append("metrics_path", quoted: exporter.metricsPath) }
      if exporter.request != exporter.metricsPath { bytes.append("request", quoted: exporter.request) }
      bytes += "    proofs: [\(exporter.proofs.joined(separator: ", "))]\n".utf8
      for (key, label) in [("version", exporter.version), ("nodename", exporter.nodename)] {
        guard let label, key != "version" || label != Exporter.usualVersion(of: exporter.proofs) else { continue }
        bytes += "    \(key): {family: \(label.family), label: \(label.name)}\n".utf8
      }
    }
    return bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ key: String, quoted value: String) {
    self += "    \(key): ".utf8
    append(quoted: value)
    append(UInt8(ascii: "\n"))
  }
}
