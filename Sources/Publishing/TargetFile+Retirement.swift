package import Addressing
internal import Exporters
package import Files
internal import Glibc

/// What came of a wish to retire a target file.
package enum Retirement: Hashable, Sendable {
  case done(Replacement)
  /// Its targets are not listed elsewhere yet; so many of them are listed with https from now on.
  case waiting(secured: Int)
  /// Nothing is there, or something that another job or another program has written.
  case notOurs
}

/// What a file says that is kept no longer, or cannot be replaced: Prometheus reads it for as long as it is told to.
extension TargetFile {
  /// Makes a file that is kept no longer list nothing, so that Prometheus lets its targets go; the file itself stays, as
  /// a configuration of Prometheus may name it. Done where there is none, or one that is not this job's any more.
  ///
  /// `isFree` says whether the targets that it lists are listed elsewhere, or nowhere any more; if not, it waits. What
  /// `needsTLS` is listed with https then.
  package func retire(where isFree: ([Endpoint]) -> Bool, needsTLS: (Endpoint) -> Bool)
    throws(PublishingError) -> Retirement
  {
    guard let old = try readIfThere(), let listing = try? Listing(old.bytes) else { return .notOurs }
    let bytes = format.renderRetired(keptFor: job)
    guard old.bytes != bytes else { return .done(.unchanged) }
    // Another writer would have put there the name of its job.
    let isOurs = listing.groups.isEmpty ? isMarked(old.bytes) : listing.groups.allSatisfy { $0.job == job }
    guard isOurs else { return .notOurs }
    guard !isFree(listing.endpoints) else { return .done(try replace(with: bytes) { _, _ in }) }
    let (groups, secured) = listing.secured(where: needsTLS)
    if secured > 0 { _ = try replace(with: format.render(groups, keptFor: job)) { _, _ in } }
    return .waiting(secured: secured)
  }

  /// How many targets the file lists without https of those that need it, whatever wrote them, and of what is no endpoint;
  /// none where there is no file, nil where it cannot be read.
  package func unencryptedCount(where needsTLS: (Endpoint) -> Bool = { _ in true }) -> Int? {
    do throws(PublishingError) {
      guard let old = try readIfThere() else { return 0 }
      guard let listing = try? Listing(old.bytes) else { return nil }
      return listing.groups.filter { !$0.isSecured }.flatMap(\.targets).count { Endpoint($0).map(needsTLS) ?? true }
    } catch {
      return nil
    }
  }

  /// The file, nil also where its directory is not there.
  private func readIfThere() throws(PublishingError) -> OldFile? {
    do throws(PublishingError) {
      return try Self.read(locate())
    } catch {
      if case .file(.failed(.openDirectory, _, ENOENT)) = error { return nil }
      throw error
    }
  }
}

extension Listing.Group {
  fileprivate var isSecured: Bool { labels[TargetGroup.schemeLabel] == Scheme.https.rawValue }
}

extension Listing {
  fileprivate var endpoints: [Endpoint] { groups.flatMap(\.targets).compactMap { Endpoint($0) } }

  /// The groups with https for the targets that need it, and how many those are that did not have it. What is no endpoint
  /// is left out.
  fileprivate func secured(where needsTLS: (Endpoint) -> Bool) -> ([TargetGroup], Int) {
    var (all, count): ([TargetGroup], Int) = ([], 0)
    for group in groups {
      let targets = group.targets.compactMap { Endpoint($0) }
      let changed = group.isSecured ? [] : targets.filter(needsTLS)
      let others = changed.isEmpty ? targets : targets.filter { !needsTLS($0) }
      if !others.isEmpty { all.append(TargetGroup(targets: others, labels: group.labels)) }
      guard !changed.isEmpty else { continue }
      count += changed.count
      let labels = group.labels.merging([TargetGroup.schemeLabel: Scheme.https.rawValue]) { $1 }
      all.append(TargetGroup(targets: changed, labels: labels))
    }
    return (all, count)
  }
}
