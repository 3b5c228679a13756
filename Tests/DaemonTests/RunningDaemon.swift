import Configuration
import Naming
import Support
import Synchronization
import Systemd
import Testing

@testable import Daemon
@testable import Inventory

/// A daemon on loopback, in this process, without what belongs to the whole process: signals and the watchdog's timer.
final class RunningDaemon: Sendable {
  let directory: TemporaryDirectory
  let heard = Heard()
  let post: AsyncStream<DaemonEvent>.Continuation
  private let text: Text

  private final class Text: Sendable {
    let value: Mutex<String>
    init(_ text: String) { value = Mutex(text) }
  }

  fileprivate init(
    _ directory: TemporaryDirectory, _ text: String, _ interval: Duration, _ resolver: Resolver,
    _ askServiceManager: @escaping @Sendable () -> AddressFilter?, in group: inout ThrowingTaskGroup<Void, any Error>
  ) async throws {
    let heard = heard
    let box = Text(text)
    let (posts, post) = AsyncStream<AsyncStream<DaemonEvent>.Continuation>.makeStream()
    let load = { @Sendable () throws(ConfigurationError) -> Settings in
      var settings = try settings(box.value.withLock(\.self))
      // Shorter than a configuration may say it.
      for index in settings.jobs.indices { settings.jobs[index].scanInterval = interval }
      return settings
    }
    group.addTask {
      defer { post.finish() }
      let state = StateDirectory(option: directory.path, environment: nil)
      var loop = try DaemonLoop(
        load(), load: load, secrets: noSecrets, state: state, notifier: heard.notifier, log: heard.logger,
        moment: Moment.now, resolver: resolver, askServiceManager: askServiceManager)
      post.yield(loop.post)
      await loop.handleEvents()
    }
    self.directory = directory
    self.text = box
    self.post = try #require(await posts.first { _ in true })
  }

  /// The target file of that name, nil if there is none.
  func targets(_ name: String = "service_discovery.yml") -> [String]? {
    directory.text(of: "file_sd/\(name)")?.split(separator: "\n").compactMap { line in
      line.hasPrefix("  - ") ? String(line.dropFirst(4)).filter { $0 != "\"" && $0 != "'" } : nil
    }
  }

  func reload(_ text: String) {
    self.text.value.withLock { $0 = text }
    post.yield(.hangUp)
  }
}

/// Runs a daemon with a configuration, scanning every `interval`, for as long as `body` takes; returns what was heard of
/// it up to its end.
@discardableResult func withDaemon(
  _ text: String, every interval: Duration = .milliseconds(50), in directory: TemporaryDirectory? = nil,
  resolver: Resolver = Resolver { _ in .unknown },
  askServiceManager: @escaping @Sendable () -> AddressFilter? = { nil },
  _ body: (RunningDaemon) async throws -> Void
) async throws -> Heard {
  let directory = try directory ?? TemporaryDirectory()
  return try await withThrowingTaskGroup(of: Void.self) { group in
    let daemon = try await RunningDaemon(directory, text, interval, resolver, askServiceManager, in: &group)
    do { try await body(daemon) } catch { Issue.record(error) }
    daemon.post.yield(.terminate(signal: 15))
    try await group.waitForAll()
    return daemon.heard
  }
}
