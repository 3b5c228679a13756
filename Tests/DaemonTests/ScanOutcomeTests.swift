import Addressing
import Inventory
import Testing

@testable import Daemon

@Test(arguments: [true, false])
func whatTheInventoryHasTakenInIsNotKept(isComplete: Bool) {
  let endpoint = Endpoint(address: .v4(1), port: 9100)
  var outcome = scanOutcome(others: 3, missed: [endpoint: "refused"])
  outcome.report.isComplete = isComplete
  outcome.report.seen = [endpoint: Sighting(exporter: "node_exporter")]
  let kept = outcome.withoutReport
  #expect(kept.report.seen.isEmpty && kept.report.missed.isEmpty)
  #expect(kept.report.isComplete == isComplete)
  #expect(kept.numbers == outcome.numbers)
}
