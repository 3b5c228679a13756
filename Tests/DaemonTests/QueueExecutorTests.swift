import Dispatch
import Testing

@testable import Daemon

@Test func aTaskStaysOnItsQueue() async {
  let queue = DispatchQueue(label: "test")
  let mark = DispatchSpecificKey<Bool>()
  queue.setSpecific(key: mark, value: true)
  let (events, post) = AsyncStream<Int>.makeStream()
  await withTaskExecutorPreference(QueueExecutor(queue)) {
    #expect(DispatchQueue.getSpecific(key: mark) == true)
    DispatchQueue(label: "other").async { @Sendable in
      post.yield(1)
      post.finish()
    }
    for await _ in events { #expect(DispatchQueue.getSpecific(key: mark) == true) }
    #expect(DispatchQueue.getSpecific(key: mark) == true)
  }
}
