internal import Addressing
package import Configuration
package import Inventory
internal import Naming
package import Publishing

extension Traits {
  /// What a target's group says of it, with those of its names that the job wants and that are known.
  package init(of sighting: Sighting, hostname: String?, named labels: [TargetLabel]) {
    self.init(exporter: sighting.exporter, scheme: sighting.scheme, metricsPath: sighting.metricsPath)
    for label in labels {
      switch label {
      case .nodename: names[label.rawValue] = sighting.nodename
      case .hostname: names[label.rawValue] = hostname
      case .version: names[label.rawValue] = sighting.version
      }
    }
  }
}

extension [Address: Answer] {
  /// Names, nil where there is none; what the resolver does not know is left out.
  var hostnames: [Address: String?] {
    var hostnames: [Address: String?] = [:]
    for (address, answer) in self {
      switch answer {
      case .name(let name): hostnames.updateValue(name, forKey: address)
      case .none: hostnames.updateValue(nil, forKey: address)
      case .unknown: break
      }
    }
    return hostnames
  }
}
