internal import Glibc

/// An open file descriptor, closed when its owner lets go of it.
package struct Descriptor: ~Copyable, Sendable {
  package let number: Int32

  package init(owning number: Int32) {
    self.number = number
  }

  deinit {
    _ = Glibc.close(number)
  }

  /// Hands the number to one who closes it and looks at the outcome.
  package consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}
