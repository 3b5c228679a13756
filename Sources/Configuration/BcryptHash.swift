/// The parts of a password's hash by bcrypt that can be judged without the password.
struct BcryptHash {
  /// The binary logarithm of the rounds that a check takes.
  let cost: Int

  /// A check takes some seconds then, and four times that at 18.
  static let maxCost = 16

  /// Parses `$2a$`, `$2b$` or `$2y$`, the cost in two digits, `$`, 22 characters of salt and 31 of the hash.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 60, text.hasPrefix("$2"), "aby".utf8.contains(bytes[2]), bytes[3] == UInt8(ascii: "$"),
      bytes[6] == UInt8(ascii: "$"), bytes[4...5].allSatisfy(\.isDigit),
      bytes[7...].allSatisfy({ $0.isAlphanumeric || "./".utf8.contains($0) }),
      let cost = Int(String(decoding: bytes[4...5], as: UTF8.self)), (4...31).contains(cost)
    else { return nil }
    self.cost = cost
  }
}
