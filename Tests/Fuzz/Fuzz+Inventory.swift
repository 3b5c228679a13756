@testable import Controlling
@testable import Inventory

/// The stored inventory, whose lines are given the first and the last line that they would have had: whatever they say,
/// it is refused, or the daemon can go on with it and store it again.
func inventory(_ input: ArraySlice<UInt8>) {
  let moment = Moment(instant: .now, wall: WallTime(milliseconds: 1_795_510_800_000))
  guard let version = input.first.map({ 1 + Int($0) % StoreFormat.version }) else { return }
  var bytes = Array("\(StoreFormat.name) \(version)\n".utf8) + input.dropFirst()
  if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
  let lines = bytes.count { $0 == UInt8(ascii: "\n") }
  bytes += "\(StoreFormat.Line.end.rawValue)\t\(lines)\t\(CRC32.hex(of: bytes))\n".utf8
  guard let stored = try? StoredInventory(bytes, at: moment) else { return }
  for job in stored.jobs { goOn(with: job.inventory, from: moment.instant) }
  guard (try? StoredInventory(stored.encoded(at: moment), at: moment)) != nil else {
    fatalError("what was read cannot be read again")
  }
}

/// A day of scans that nothing answers, and an operator who says that all of it is gone.
private func goOn(with inventory: JobInventory, from start: SuspendingClock.Instant) {
  var inventory = inventory
  let policy = Policy(removal: .after(.seconds(86_400)), groupBy: inventory.policy.groupBy)
  inventory.resume(with: policy, now: start)
  for hour in 1...24 {
    var report = ScanReport(isComplete: true)
    for endpoint in inventory.targets.keys { report.missed[endpoint] = "silent" }
    _ = inventory.absorb(report, now: start + .seconds(3_600 * hour))
  }
  for hold in inventory.holds { _ = inventory.release(hold.scope, by: 0) }
}

/// What is said at the control socket: understood, it means the same when it is said again.
func control(_ input: ArraySlice<UInt8>) {
  guard let request = ControlRequest(line: input) else { return }
  precondition(ControlRequest(line: request.line.utf8) == request)
}
