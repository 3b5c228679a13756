import Addressing
import Testing

@testable import Naming

struct AnswerTests {
  private let address = Address.v4(0x0A00_0107)

  /// What comes of a record and of the addresses that its name has.
  private func answer(record: String, addresses: [Address]) -> Answer {
    Answer(confirming: address, reverse: { _ in Array(record.utf8) }, forward: { _, _ in addresses })
  }

  @Test func believesANameThatResolvesBack() {
    #expect(answer(record: "Web7.Example.", addresses: [.v4(1), address]) == .name("web7.example"))
  }

  @Test(arguments: [[], [.v4(0x0A00_0108)], [.v6(0x0A00_0107)]] as [[Address]])
  func doesNotBelieveANameOfOthers(addresses: [Address]) {
    #expect(answer(record: "web7", addresses: addresses) == .none)
  }

  @Test func asksForTheNameAsItIsShown() {
    var asked: [String] = []
    _ = Answer(confirming: address, reverse: { _ in Array("Web7.Example.".utf8) }) { name, _ in
      asked.append(name.text)
      return []
    }
    #expect(asked == ["web7.example"])
  }

  /// `getaddrinfo("10.0.1.7")` would yield the address whoever wrote it into the zone.
  @Test(arguments: ["10.0.1.7", "0x0a000107", "a b", "\u{1b}]0;", "", "-x"])
  func doesNotAskForAHostileName(text: String) {
    var asked: [String] = []
    let answer = Answer(confirming: address, reverse: { _ in Array(text.utf8) }) { name, _ in
      asked.append(name.text)
      return [address]
    }
    #expect(answer == .none)
    #expect(asked.isEmpty)
  }

  @Test(arguments: [(LookupFailure.noSuchName, Answer.none), (.noAnswer, .unknown)])
  func tellsNoNameFromNoAnswer(failure: LookupFailure, expected: Answer) {
    let noRecord = Answer(
      confirming: address, reverse: { _ throws(LookupFailure) in throw failure }, forward: { _, _ in [address] })
    #expect(noRecord == expected)
    let noAddress = Answer(
      confirming: address, reverse: { _ in Array("web7".utf8) },
      forward: { _, _ throws(LookupFailure) in throw failure })
    #expect(noAddress == expected)
  }

  /// The numbers of glibc's <netdb.h>.
  @Test(arguments: [
    (Int32(-2), LookupFailure.noSuchName), (-5, .noSuchName), (-9, .noSuchName), (-12, .noSuchName),
    (-3, .noAnswer), (-4, .noAnswer), (-6, .noAnswer), (-10, .noAnswer), (-11, .noAnswer), (-99, .noAnswer),
  ])
  func readsTheStatus(status: Int32, failure: LookupFailure) {
    #expect(LookupFailure(status: status) == failure)
  }
}
