import Addressing
import Testing

struct PermutationTests {
  private static let counts: [UInt64] = [
    0, 1, 2, 3, 4, 5, 7, 9, 16, 17, 99, 100, 101, 121, 251, 256, 257, 891, 1023, 1024, 1025, 2147, 4096, 7919,
    10_000, 65_535, 65_536, 65_537,
  ]

  @Test(arguments: counts, [0, 1, 42, UInt64.max])
  func hitsEachNumberOnce(count: UInt64, seed: UInt64) {
    let permutation = Permutation(count: count, seed: seed)
    var isHit = [Bool](repeating: false, count: Int(count))
    for index in 0..<count {
      let number = Int(permutation[index])
      #expect(number < isHit.count && !isHit[number])
      isHit[number] = true
    }
  }

  @Test(arguments: [1024, 7919, 65_536] as [UInt64], 0..<5)
  func neighboursComeFarApart(count: UInt64, seed: UInt64) {
    let permutation = Permutation(count: count, seed: seed)
    let order = (0..<count).map { Int(permutation[$0]) }
    let neighbours = zip(order, order.dropFirst()).count { abs($0 - $1) == 1 }
    // By chance there are two.
    #expect(neighbours <= 12)
    let fixed = order.enumerated().count { $0.offset == $0.element }
    // By chance there is one.
    #expect(fixed <= 10)
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func beginsAllOverTheRange(seed: UInt64) {
    let permutation = Permutation(count: 65_536, seed: seed)
    let prefixes = Set((0..<256).map { permutation[$0] / 256 })
    // 256 throws of a die with 256 sides show 162 sides, give or take 7.
    #expect((130...195).contains(prefixes.count))
  }

  @Test
  func isSettledByItsSeed() {
    func order(seed: UInt64) -> [UInt64] {
      let permutation = Permutation(count: 100, seed: seed)
      return (0..<100).map { permutation[$0] }
    }
    #expect(Set((0..<50).map(order)).count == 50)
    #expect((0..<50).map(order) == (0..<50).map(order))
  }

  @Test
  func staysInBoundsWhereItIsLargest() {
    let count: UInt64 = 1 << 62
    let permutation = Permutation(count: count, seed: 7)
    let numbers = (0..<1000).map { permutation[$0] } + (count - 1000..<count).map { permutation[$0] }
    #expect(numbers.allSatisfy { $0 < count })
    #expect(Set(numbers).count == 2000)
  }
}
