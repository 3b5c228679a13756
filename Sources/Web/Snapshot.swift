package import Exposition
package import Pages

/// What the web module serves of the daemon, at one moment. What takes time to write is written where it is asked for.
package struct Snapshot: Sendable {
  /// A job's targets as `http_sd_configs` wants them.
  package struct TargetGroups: Sendable {
    package let job: String
    /// Why they are not to be believed yet; nil where they are.
    package let doubt: String?

    package init(job: String, doubt: String?) {
      self.job = job
      self.doubt = doubt
    }
  }

  /// What is wrong with the daemon itself, nil where nothing is.
  package var illness: String?
  package var groups: [TargetGroups]
  package var metrics: @Sendable () -> [MetricFamily]
  package var overview: @Sendable () -> Overview
  /// The target groups of these jobs, JSON.
  package var targetGroups: @Sendable (_ jobs: [String]) -> [UInt8]
  /// The inventory, JSON.
  package var inventory: @Sendable () -> [UInt8]

  package init(
    illness: String?, groups: [TargetGroups], metrics: @escaping @Sendable () -> [MetricFamily],
    overview: @escaping @Sendable () -> Overview,
    targetGroups: @escaping @Sendable (_ jobs: [String]) -> [UInt8], inventory: @escaping @Sendable () -> [UInt8]
  ) {
    self.illness = illness
    self.groups = groups
    self.metrics = metrics
    self.overview = overview
    self.targetGroups = targetGroups
    self.inventory = inventory
  }
}

/// What the web module asks of the daemon; each answer is given once, from any thread.
package struct Backend: Sendable {
  /// What became of a wish to reload the configuration.
  package enum Reload: Hashable, Sendable {
    case done
    /// The configuration does not allow it.
    case disabled
    /// Too many wait for it.
    case busy
    /// Why, as sentences.
    case refused([String])
  }

  package var look: @Sendable (_ body: @escaping @Sendable (Snapshot) -> Void) -> Void
  package var reload: @Sendable (_ body: @escaping @Sendable (Reload) -> Void) -> Void

  package init(
    look: @escaping @Sendable (_ body: @escaping @Sendable (Snapshot) -> Void) -> Void,
    reload: @escaping @Sendable (_ body: @escaping @Sendable (Reload) -> Void) -> Void
  ) {
    self.look = look
    self.reload = reload
  }
}
