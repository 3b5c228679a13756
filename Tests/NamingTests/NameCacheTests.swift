import Addressing
import Testing

@testable import Naming

struct NameCacheTests {
  private let start = SuspendingClock.now
  private let address = Address.v6(7)

  private func after(_ seconds: Int) -> SuspendingClock.Instant { start.advanced(by: .seconds(seconds)) }

  @Test(arguments: [(Answer.name("a"), 3_600), (.none, 3_600), (.unknown, 300)])
  func keepsAnAnswerForItsTime(answer: Answer, lifetime: Int) {
    var cache = NameCache()
    #expect(cache.answer(for: address, at: start) == nil)
    cache.keep(answer, for: address, at: start)
    #expect(cache.answer(for: address, at: after(lifetime - 1)) == answer)
    #expect(cache.answer(for: address, at: after(lifetime)) == nil)
    cache.prune(at: after(lifetime - 1))
    #expect(cache.count == 1)
    cache.prune(at: after(lifetime))
    #expect(cache.count == 0)
  }

  @Test func replacesAnAnswer() {
    var cache = NameCache()
    cache.keep(.unknown, for: address, at: start)
    cache.keep(.name("a"), for: address, at: after(1))
    #expect(cache.answer(for: address, at: after(3_600)) == .name("a"))
    #expect(cache.count == 1)
  }

  @Test func isBounded() {
    var cache = NameCache()
    for value in 0...UInt32(NameCache.maxCount) { cache.keep(.none, for: .v4(value), at: start) }
    #expect(cache.count == 65_536)
    #expect(cache.answer(for: .v4(65_536), at: start) == nil)
    // What is in it can still change.
    cache.keep(.name("a"), for: .v4(7), at: after(1))
    #expect(cache.answer(for: .v4(7), at: after(1)) == .name("a"))
    cache.prune(at: after(3_600))
    #expect(cache.count == 1)
  }
}
