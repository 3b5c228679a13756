internal import NIOCore

/// A body on its way to a client: handed over in pieces, as fast as the client takes them.
struct Delivery {
  private let bytes: [UInt8]
  private var handedOver = 0
  private var taken = 0
  private var takenBefore = 0
  /// Whether the end of the answer was handed over, too.
  var isEnded = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether no piece is left to be handed over.
  var isHandedOver: Bool { handedOver == bytes.count }

  /// The next piece; nil where none is left.
  mutating func next(atMost length: Int) -> ByteBuffer? {
    guard !isHandedOver else { return nil }
    let end = min(handedOver + length, bytes.count)
    defer { handedOver = end }
    return ByteBuffer(bytes: bytes[handedOver..<end])
  }

  mutating func note(taken length: Int) { taken += length }

  /// Whether the client has taken at least so much since this was asked last.
  mutating func hasMoved(by length: Int) -> Bool {
    defer { takenBefore = taken }
    return taken - takenBefore >= length
  }
}
