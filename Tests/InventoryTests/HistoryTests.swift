import Addressing
import Inventory
import Support
import Testing

/// One host as the rules have it, written down once more in the plainest way.
private struct Model {
  var nodename: String?
  var firstMiss: Int?
  var misses = 0
}

/// A scan's word on one host.
private enum Word: CaseIterable {
  case seen, renamed, nameless, busy, missed, unmentioned
}

private let removals: [Removal] = [
  .never, .after(.zero), .after(.seconds(1)), .after(.seconds(300)), .after(.seconds(2_000)),
]

/// Plays a random history against the model; returns every event.
private func play(seed: UInt64, _ removal: Removal) -> [[TargetEvent]] {
  var random = SplitMix(seed: seed)
  var inventory = JobInventory(removal: removal)
  var models: [UInt32: Model] = [:]
  var now = 0
  return (0..<60).map { _ in
    now += Int.random(in: 1...120, using: &random)
    var report = ScanReport(isComplete: Int.random(in: 0..<4, using: &random) > 0)
    for host in 1...8 as ClosedRange<UInt32> {
      switch Word.allCases.randomElement(using: &random) ?? .missed {
      case .seen: report.seen[endpoint(host)] = Sighting(exporter: "node_exporter", nodename: "host-\(host)")
      case .renamed: report.seen[endpoint(host)] = Sighting(exporter: "node_exporter", nodename: "other-\(host)")
      case .nameless: report.seen[endpoint(host)] = Sighting(exporter: "node_exporter")
      case .busy: report.busy.insert(endpoint(host))
      case .missed: report.missed[endpoint(host)] = "no answer"
      case .unmentioned: break
      }
    }
    let before = inventory
    let events = inventory.absorb(report, now: at(now))
    let expected = advance(&models, by: report, at: now, removal)
    check(events, expected, before, inventory, report)
    check(inventory, against: models)
    return events
  }
}

/// The names of the events that should come, and the models as they should be then.
private func advance(_ models: inout [UInt32: Model], by report: ScanReport, at now: Int, _ removal: Removal)
  -> [String]
{
  var names: [String] = []
  for host in 1...8 as ClosedRange<UInt32> {
    if let sighting = report.seen[endpoint(host)] {
      if let model = models[host] {
        if let old = model.nodename, let new = sighting.nodename, old != new {
          names += ["gone \(host)", "new \(host)"]
          models[host] = Model(nodename: new)
        } else {
          if model.firstMiss != nil { names.append("back \(host)") }
          models[host] = Model(nodename: sighting.nodename ?? model.nodename)
        }
      } else {
        names.append("new \(host)")
        models[host] = Model(nodename: sighting.nodename)
      }
    } else if report.busy.contains(endpoint(host)), let model = models[host] {
      if model.firstMiss != nil { names.append("back \(host)") }
      models[host] = Model(nodename: model.nodename)
    } else if report.missed[endpoint(host)] != nil, report.isComplete, var model = models[host] {
      if model.firstMiss == nil { names.append("silent \(host)") }
      model.firstMiss = model.firstMiss ?? now
      model.misses += 1
      models[host] = model
      let silence = now - (model.firstMiss ?? now)
      let isDue =
        switch removal {
        case .never: false
        case .after(let limit): limit == .zero || model.misses >= 3 && .seconds(silence) >= limit
        }
      if isDue {
        names.append("gone \(host)")
        models[host] = nil
      }
    }
  }
  return names
}

private func check(
  _ events: [TargetEvent], _ expected: [String], _ before: JobInventory, _ after: JobInventory, _ report: ScanReport
) {
  let names = events.map { event in
    switch event {
    case .new(let target): "new \(host(target))"
    case .silent(let target, _): "silent \(host(target))"
    case .back(let target, _): "back \(host(target))"
    case .gone(let target, _): "gone \(host(target))"
    }
  }
  #expect(names == expected)
  if !report.isComplete {
    // Nothing but an identity that changed leaves, and nothing falls silent.
    #expect(Set(before.targets.keys).isSubset(of: after.targets.keys))
    #expect(after.silentCount <= before.silentCount)
  }
}

private func host(_ target: Target) -> UInt32 {
  guard case .v4(let value) = target.endpoint.address else { return 0 }
  return value & 255
}

private func check(_ inventory: JobInventory, against models: [UInt32: Model]) {
  #expect(Set(inventory.targets.keys) == Set(models.keys.map(endpoint)))
  for (host, model) in models {
    let target = inventory.targets[endpoint(host)]
    #expect(target?.sighting.nodename == model.nodename)
    #expect(target?.state == (model.firstMiss.map { .silent(since: at($0), missedScans: model.misses) } ?? .up))
  }
  #expect(inventory.silentCount == models.values.count { $0.firstMiss != nil })
}

@Test(arguments: 1...40 as ClosedRange<UInt64>, removals)
func anyHistoryGoesByTheRules(seed: UInt64, removal: Removal) {
  _ = play(seed: seed, removal)
}

@Test(arguments: removals)
func theSameHistoryGivesTheSameEvents(removal: Removal) {
  let events = play(seed: 99, removal)
  #expect(events == play(seed: 99, removal))
  #expect(events.contains { !$0.isEmpty })
  #expect(events != play(seed: 98, removal))
}

@Test func everyRuleIsMetInTheseHistories() {
  let events = (1...40 as ClosedRange<UInt64>).flatMap { play(seed: $0, .after(.seconds(300))).flatMap(\.self) }
  let kinds = Set(
    events.map { event in
      switch event {
      case .new: "new"
      case .silent: "silent"
      case .back: "back"
      case .gone(_, .silent): "gone by silence"
      case .gone(_, .replaced): "gone by another"
      case .gone(_, .unconfigured): "gone by configuration"
      }
    })
  #expect(kinds == ["new", "silent", "back", "gone by silence", "gone by another"])
}
