package import Dispatch

/// Signals as Dispatch sources, in force once this is made: a signal that comes earlier does what it does by default,
/// one that comes later is heard.
///
/// Dispatch installs its own handler when it registers a source, some time after activation. Ignoring the signal until
/// then, as is often done, would lose it.
package final class Signals {
  private var sources: [any DispatchSourceSignal] = []

  package init(_ numbers: [Int32], on queue: DispatchQueue, _ body: @escaping @Sendable (Int32) -> Void) {
    let registrations = DispatchGroup()
    for number in numbers {
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in body(number) }
      registrations.enter()
      source.setRegistrationHandler { @Sendable in registrations.leave() }
      source.activate()
      sources.append(source)
    }
    registrations.wait()
  }

  deinit {
    for source in sources { source.cancel() }
  }
}
