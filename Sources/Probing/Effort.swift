internal import Glibc

/// What this machine still spends on one connection, in pieces and in processor time.
struct Effort {
  /// A read and a part of a body are a piece each. Room for a small page byte by byte, and for one of 256 KiB line by line.
  static let maxPieces = 32_768
  /// A hundred times what a large page takes, for machines that are much slower, and for cases that were not foreseen.
  static let maxTime = Duration.milliseconds(500)
  /// Where others wait for this machine, so many times less is spent on one before it is given no more time.
  static let thrift = 8

  private var pieces: Int
  private var nanoseconds: Int64
  private let exchanges: Int
  private let clock: () -> Int64

  /// For so many exchanges; `clock` tells the processor time that was used, in nanoseconds.
  init(exchanges: Int, clock: @escaping () -> Int64 = Self.threadTime) {
    self.exchanges = exchanges
    pieces = exchanges * Self.maxPieces
    nanoseconds = Int64(exchanges) * Int64(Self.maxTime / .nanoseconds(1))
    self.clock = clock
  }

  /// Why no more is to be spent, nil as long as there is some left.
  var excess: Breakdown? { pieces < 0 ? .tooManyPieces : nanoseconds < 0 ? .tooCostly : nil }

  /// Why it is given no more time where others wait, nil if it has cost little.
  var excessAmongOthers: Breakdown? {
    let saved = Self.thrift - 1
    if pieces < exchanges * Self.maxPieces / Self.thrift * saved { return .tooManyPieces }
    let time = Int64(Self.maxTime / .nanoseconds(1)) / Int64(Self.thrift)
    return nanoseconds < Int64(exchanges * saved) * time ? .tooCostly : nil
  }

  mutating func countPiece() { pieces -= 1 }

  mutating func begin() { nanoseconds += clock() }

  mutating func end() { nanoseconds -= clock() }

  /// Of this thread alone, so that what others do on a busy machine costs nothing (clock_gettime(2)).
  static func threadTime() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
