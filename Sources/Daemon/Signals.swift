package import Dispatch
internal import Glibc

/// Signals as Dispatch sources.
///
/// The default action is switched off first: on Linux, doing so after the source is active loses signals.
package final class Signals {
  private var sources: [any DispatchSourceSignal] = []

  package init(_ numbers: [Int32], on queue: DispatchQueue, _ body: @escaping @Sendable (Int32) -> Void) {
    for number in numbers {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in body(number) }
      source.activate()
      sources.append(source)
    }
  }

  deinit {
    for source in sources { source.cancel() }
  }
}
