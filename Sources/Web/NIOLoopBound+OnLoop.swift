internal import NIOCore

extension NIOLoopBound {
  /// Runs on the event loop, now or soon.
  func onLoop<First, Second>(_ body: @escaping @Sendable (First, Second) -> Void)
  where Value == (First, Second) {
    eventLoop.execute {
      let (first, second) = self.value
      body(first, second)
    }
  }
}
