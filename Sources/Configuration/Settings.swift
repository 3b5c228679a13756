package import Exporters

/// A valid configuration: what the daemon does, with every default filled in.
package struct Settings: Hashable, Sendable {
  /// Connection attempts a second, all jobs together.
  package var rate = 1000
  /// Connections in flight, all jobs together.
  package var concurrency = 1024
  /// How many addresses a job may span.
  package var maxAddresses = 65_536
  /// How many jobs there may be: of so many, `/metrics` has half of the bytes of answers that may wait for clients, and a
  /// scan of each in ten seconds takes some 5 % of a processor (`Tests/Benchmarks/run jobs`).
  package static let maxJobs = 1_000
  /// What a job does where it does not say otherwise.
  package var defaults = JobDefaults()
  package var web = WebSettings()
  /// Every exporter that can be told, those that the file describes among them.
  package var catalogue: Catalogue
  /// In the order of the file, each with a name and a target file of its own.
  package var jobs: [Job] = []

  /// The settings of an empty `global`, without jobs.
  package init(catalogue: Catalogue = .builtIn) {
    self.catalogue = catalogue
  }
}
