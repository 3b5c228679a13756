import NIOCore
import Testing

@testable import Probing

/// A probe of ten seconds, from the first second on.
@Suite struct PatienceOfAProbe {
  private var patience = Patience(.seconds(10), from: .uptimeNanoseconds(0) + .seconds(1))

  private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

  @Test(arguments: [0, 2]) func endsInTimeWhereThereWasTimeToListen(lost: Int64) {
    var patience = patience
    #expect(patience.due == at(11))
    #expect(patience.expire(at: at(11), lost: .seconds(lost)) == .end(isHeard: true))
  }

  @Test func givesBackWhatWasLost() {
    var patience = patience
    #expect(patience.expire(at: at(11), lost: .seconds(4)) == .wait)
    #expect(patience.due == at(15))
    // No more was lost since.
    #expect(patience.expire(at: at(15), lost: .seconds(4)) == .end(isHeard: true))
  }

  /// Where nothing was counted, as the whole process stood still.
  @Test func givesBackALateness() {
    var patience = patience
    #expect(patience.expire(at: at(16), lost: .zero) == .wait)
    #expect(patience.due == at(21))
    #expect(patience.expire(at: at(21), lost: .zero) == .end(isHeard: true))
  }

  @Test func endsAfterThreeTimesItsTimeUnheard() {
    var patience = patience
    #expect(patience.expire(at: at(11), lost: .seconds(10)) == .wait)
    #expect(patience.expire(at: at(21), lost: .seconds(20)) == .wait)
    #expect(patience.due == at(31))
    #expect(patience.expire(at: at(31), lost: .seconds(30)) == .end(isHeard: false))
  }

  @Test func endsAtOnceWhereItIsLaterThanThat() {
    var patience = patience
    #expect(patience.expire(at: at(60), lost: .zero) == .end(isHeard: false))
  }
}
