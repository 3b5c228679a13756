/// The beginning of an error page, searched for what says that TLS is spoken, each byte once, in whatever pieces it comes.
struct ErrorPage: Sendable {
  /// What is kept: its words stand at the beginning.
  static let maxLength = 4_096

  private var bytes: [UInt8] = []
  /// Whether a server of TLS says that it was spoken to in plain HTTP.
  private(set) var speaksTLS = false

  /// In the words of Go's server, nginx and Apache.
  private static let phrases: [[UInt8]] = [
    "HTTP request to an HTTPS server", "HTTP request was sent to HTTPS port",
    "plain HTTP to an SSL-enabled server port",
  ].map { Array($0.utf8) }

  var isFull: Bool { bytes.count >= Self.maxLength }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func append(_ piece: ArraySlice<UInt8>) {
    for byte in piece.prefix(Self.maxLength - bytes.count) {
      bytes.append(byte)
      // A phrase is compared where its last byte stands, from its end on: nothing is searched again when more comes.
      speaksTLS = speaksTLS || Self.phrases.contains { $0.last == byte && ends(with: $0) }
    }
  }

  private func ends(with phrase: [UInt8]) -> Bool {
    bytes.count >= phrase.count && zip(bytes.reversed(), phrase.reversed()).allSatisfy { $0 == $1 }
  }
}
