internal import Glibc

/// An open descriptor, closed when its owner lets go of it.
struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) {
    self.number = number
  }

  deinit {
    _ = Glibc.close(number)
  }

  /// Hands the number to one who closes it and looks at the outcome.
  consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}
