import Addressing
import Configuration
import Exporters
import Exposition
import Files
import Inventory
import Publishing

// The pieces of which a scan and what follows it are made, each printed as a line of JSON once it is measured.

/// Measures all, each in so many runs. `fixtures` has the expositions, `configuration` is a file that is shipped.
func measurePieces(runs: Int, fixtures: String, configuration: String) throws {
  for (name, file) in [("55 samples", "node_exporter_lean.txt"), ("455 samples", "node_exporter_full.txt")] {
    let exposition = try contents(of: "\(fixtures)/\(file)")
    report(measureParsing(exposition, name, runs: runs))
    report(measureRecognition(exposition, name, runs: runs))
  }
  report(measureOrder(runs: runs))
  for measurement in measureTargets(5_000, runs: runs) { report(measurement) }
  let shipped = try contents(of: configuration)
  report(try measureConfiguration(shipped, "as shipped", runs: runs))
  report(try measureConfiguration(configurationOfJobs(50), "50 jobs", runs: runs))
}

private func report(_ measurement: Measurement) { print(measurement.json) }

private func contents(of path: String) throws -> [UInt8] {
  guard let file = try Location(of: path, .system).read(atMost: 1 << 20) else { throw Failure() }
  return file.bytes
}

/// Every line as a sample: more than recognition does.
private func measureParsing(_ exposition: [UInt8], _ name: String, runs: Int) -> Measurement {
  Measurement("parse an exposition, \(name)", per: "answer", runs: runs) {
    var splitter = LineSplitter()
    var samples = 0
    func take(_ line: ArraySlice<UInt8>) -> Bool {
      if Sample(line: line) != nil { samples += 1 }
      return true
    }
    splitter.feed(exposition[...], take)
    splitter.finish(take)
    return samples
  }
}

/// As the prober does it: until nothing more can be learnt.
private func measureRecognition(_ exposition: [UInt8], _ name: String, runs: Int) -> Measurement {
  let search = Search(.builtIn, for: ["node_exporter"])
  return Measurement("recognise node_exporter, \(name)", per: "answer", runs: runs) {
    var splitter = LineSplitter()
    var recognition = Recognition(search)
    splitter.feed(exposition[...]) { recognition.read($0) }
    guard let identity = recognition.identity else { return 0 }
    precondition(identity.exporter == "node_exporter" && identity.nodename == "db1")
    return 1
  }
}

private func measureOrder(runs: Int) -> Measurement {
  // A sixteenth of the pass: every address of it costs the same.
  let count = 1 << 20
  return Measurement("order of a scan of a /8", per: "address", units: count, runs: runs) {
    Fleet.slash8.shuffled(seed: 7).prefix(count).reduce(0) { $0 ^ $1.value | 1 << 32 }
  }
}

extension Endpoint {
  fileprivate var value: Int {
    switch address {
    case .v4(let value): Int(value)
    case .v6(let value): Int(truncatingIfNeeded: value)
    }
  }
}

private func measureTargets(_ count: UInt32, runs: Int) -> [Measurement] {
  let report = Fleet(count).report()
  var inventory = JobInventory(policy: Policy(removal: .after(.seconds(86_400))))
  var now = SuspendingClock.now
  _ = inventory.absorb(report, now: now)
  let applying = Measurement("apply a report, \(count) unchanged", per: "target", units: Int(count), runs: runs) {
    now += .seconds(60)
    return inventory.absorb(report, now: now).count + inventory.targets.count
  }
  let grouping = Measurement("group \(count) targets", per: "target", units: Int(count), runs: runs) {
    groups(of: inventory).count
  }
  let listed = groups(of: inventory)
  let rendering = Measurement("render \(count) targets as YAML", per: "target", units: Int(count), runs: runs) {
    TargetFileFormat.yaml.render(listed, keptFor: "node").count
  }
  return [applying, grouping, rendering]
}

private func measureConfiguration(_ text: [UInt8], _ name: String, runs: Int) throws -> Measurement {
  try Measurement("read a configuration, \(name)", per: "file", runs: runs) {
    try Settings(parsing: text, file: "config.yml", catalogue: .builtIn).jobs.count
  }
}

private func configurationOfJobs(_ count: Int) -> [UInt8] {
  var text = "global: {rate: 5000, remove_after: 12h}\nscan_configs:\n"
  for number in 0..<count {
    text += """
        - job_name: site-\(number)
          ranges: [10.\(number).1-9.1-99, 10.\(number).64.0/20]
          exclude: [10.\(number).64.0/28]
          exporters: [node_exporter]
          target_file: site-\(number).yml
          labels: {site: "\(number)", env: prod}

      """
  }
  return Array(text.utf8)
}
