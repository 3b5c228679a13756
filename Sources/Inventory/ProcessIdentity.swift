/// What all addresses of one process have in common. Two machines share it only if they share a name and their exporters
/// began within the same hundredth of a second, or if one of them copies what the other shows to everyone.
struct ProcessIdentity: Hashable {
  let exporter: String
  let nodename: String
  let startTime: Double

  init?(_ sighting: Sighting) {
    guard let nodename = sighting.nodename, let startTime = sighting.startTime else { return nil }
    exporter = sighting.exporter
    self.nodename = nodename
    self.startTime = startTime
  }
}
