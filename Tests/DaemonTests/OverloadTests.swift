import Addressing
import Exporters
import Glibc
import Inventory
import Probing
import Sweeping
import Synchronization
import Testing

@testable import Daemon

/// Keeps the prober from listening for as long as a probe may take at most, as often as it is told.
private final class Nuisance: Sendable {
  private let left: Mutex<Int>

  init(_ times: Int) { left = Mutex(times) }

  /// On the prober's thread.
  func note(_ step: ScanStep) {
    guard case .probing(.asked) = step else { return }
    let isWanted = left.withLock { left in
      left -= 1
      return left >= 0
    }
    if isWanted { poll(nil, 0, 1_000) }
  }
}

/// A target that says nothing, asked by a prober that does other things than listen.
@Suite(.timeLimit(.minutes(5))) struct Overloads {
  private let silent: FakeExporter

  init() throws { silent = try FakeExporter("127.95.1.1", says: "") }

  private func scan(isKnown: Bool, disturbed times: Int) async throws -> ScanOutcome {
    let text = """
      scan_configs:
        - {job_name: node, ranges: [\(silent.endpoint.address)], ports: [\(silent.endpoint.port)], probe_timeout: 200ms}
      """
    let nuisance = Nuisance(times)
    let order = try order(text, known: isKnown ? [silent.endpoint: .init(isTrusted: true)] : [:])
    return await (try Scanner()).scan(order) { nuisance.note($1) }
  }

  @Test(arguments: [true, false]) func whatWasNotHeardIsNotKnown(isKnown: Bool) async throws {
    let outcome = try await scan(isKnown: isKnown, disturbed: 3)
    #expect(outcome.summary.end == .incomplete(.overloaded))
    #expect(outcome.summary.untried == 1)
    #expect(outcome.report.missed == [:])
    #expect(outcome.others == [:])
    #expect(!outcome.report.isComplete)
  }

  /// It has two more tries.
  @Test func whatIsHeardOnALaterTryCounts() async throws {
    let outcome = try await scan(isKnown: true, disturbed: 2)
    #expect(outcome.summary.end == .complete)
    #expect(outcome.report.missed.keys.sorted() == [silent.endpoint])
  }
}
