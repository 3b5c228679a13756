import Addressing
import Exporters
import Support
import Testing

@testable import Inventory

private let day = Removal.after(.seconds(86_400))
private let secured = Sighting(exporter: "node_exporter", version: "1.5.0", nodename: "web-01", scheme: .https)
private let why = "speaks plain HTTP"

extension JobInventory {
  /// One that has seen host 1 so.
  fileprivate init(_ encryption: Encryption, removal: Removal = day, knowing sighting: Sighting = secured) {
    self.init(policy: Policy(removal: removal, encryption: .optional))
    _ = absorb(.seeing(1, as: sighting), now: at(0))
    policy.encryption = encryption
  }

  fileprivate var scheme: Scheme? { targets[endpoint(1)].map(scheme(of:)) }
}

extension ScanReport {
  /// A scan that host 1 answered in plain HTTP where only TLS would do.
  fileprivate static let onlyPlain = ScanReport(missed: [endpoint(1): why], plain: [endpoint(1): why], isComplete: true)
}

@Suite struct Downgrades {
  @Test(arguments: [Encryption.kept, .required])
  func aSecuredTargetThatSpeaksPlainHTTPIsSilentAndStaysSecured(encryption: Encryption) throws {
    var inventory = JobInventory(encryption)
    let events = inventory.absorb(.onlyPlain, now: at(60))
    let target = try #require(inventory.targets[endpoint(1)])
    #expect(events == [.silent(target.undowngraded, reason: why), .downgraded(target, reason: why)])
    #expect(inventory.scheme == .https)
    #expect(target.silence?.reason == why)
    #expect(target.silence?.isDowngraded == true)
  }

  @Test func itIsToldOnceInASilence() {
    var inventory = JobInventory(.kept)
    var told: [Bool] = []
    // Silent for another reason at first, and in between.
    let reports: [ScanReport] = [
      .missing(1), .onlyPlain, .onlyPlain, .missing(1), .onlyPlain, .seeing(1, as: secured), .onlyPlain,
    ]
    for (index, report) in reports.enumerated() {
      let events = inventory.absorb(report, now: at(60 * index + 60))
      told.append(events.contains { if case .downgraded = $0 { true } else { false } })
    }
    #expect(told == [false, true, false, false, false, false, true])
  }

  @Test func theNextProcessDoesNotTellItAgain() throws {
    var inventory = JobInventory(.kept)
    _ = inventory.absorb(.onlyPlain, now: at(60))
    let moment = Moment(instant: at(60), wall: WallTime(milliseconds: 1_795_510_800_000))
    let stored = StoredInventory(jobs: [.init(name: "node", targetFile: "a.yml", inventory: inventory)])
    var next = try #require(try StoredInventory(stored.encoded(at: moment), at: moment).jobs.first).inventory
    next.resume(with: Policy(removal: day), now: at(61))
    #expect(next.absorb(.onlyPlain, now: at(120)) == [])
    #expect(next.scheme == .https)
  }

  @Test func anIncompleteScanTellsNothing() {
    var inventory = JobInventory(.kept)
    #expect(inventory.absorb(ScanReport.onlyPlain.incomplete, now: at(60)) == [])
    #expect(inventory.state(1) == .up)
  }

  /// Whether one, or something in between that takes TLS from all.
  @Test func itIsToldAlsoWhereNoScanIsBelieved() {
    var inventory = JobInventory(policy: Policy(removal: day))
    _ = inventory.absorb(.seeing(1, 2, 3, 4, as: secured), now: at(0))
    var report = ScanReport.missing(1, 2, 3, 4)
    report.plain = report.missed
    let events = inventory.absorb(report, now: at(60))
    #expect(events.count { if case .downgraded = $0 { true } else { false } } == 4)
    #expect(events.count { if case .silent = $0 { true } else { false } } == 0)
    #expect(inventory.isUnbelieving)
  }

  @Test func whatWasFoundOverPlainHTTPIsNotDowngraded() {
    var inventory = JobInventory(.required, knowing: node)
    let events = inventory.absorb(.onlyPlain, now: at(60))
    #expect(events.count == 1)
    #expect(inventory.silence(1)?.isDowngraded == false)
  }

  @Test func itIsBackOverTLS() {
    var inventory = JobInventory(.kept)
    _ = inventory.absorb(.onlyPlain, now: at(60))
    let events = inventory.absorb(.seeing(1, as: secured), now: at(120))
    #expect(events.count == 1)
    #expect(inventory.state(1) == .up)
  }

  /// When it has left, or was forgotten, it is found as it answers.
  @Test func itLeavesAsASilentOneAndIsFoundAnew() throws {
    var inventory = JobInventory(.kept, removal: .after(.seconds(120)))
    for scan in 1...4 { _ = inventory.absorb(.onlyPlain, now: at(60 * scan)) }
    #expect(inventory.targets.isEmpty)
    _ = inventory.absorb(.seeing(1), now: at(300))
    #expect(inventory.scheme == .http)
    var other = JobInventory(.kept)
    _ = other.absorb(.onlyPlain, now: at(60))
    guard case .forgotten = other.forget(endpoint(1), by: 0) else { throw CancellationError() }
    _ = other.absorb(.seeing(1), now: at(120))
    #expect(other.scheme == .http)
  }
}

@Suite struct PublishedSchemes {
  @Test(arguments: [
    (Encryption.optional, Scheme.http, Scheme.http, true), (.optional, .https, .http, true),
    (.kept, .http, .http, true), (.kept, .http, .https, true), (.kept, .https, .http, false),
    (.kept, .https, .https, true), (.required, .http, .http, false), (.required, .http, .https, true),
    (.required, .https, .http, false),
  ])
  func aSightingIsTakenIfItMayBePublished(
    encryption: Encryption, before: Scheme, after: Scheme, isTaken: Bool
  ) {
    var inventory = JobInventory(encryption, knowing: Sighting(exporter: "node_exporter", scheme: before))
    _ = inventory.absorb(.missing(1), now: at(60))
    let events = inventory.absorb(.seeing(1, as: Sighting(exporter: "node_exporter", scheme: after)), now: at(120))
    #expect(events.count == (isTaken ? 1 : 0))
    #expect(inventory.targets[endpoint(1)]?.sighting.scheme == (isTaken ? after : before))
    #expect((inventory.targets[endpoint(1)]?.silence == nil) == isTaken)
  }

  @Test func nothingIsNewOverPlainHTTPWhereTLSIsRequired() {
    var inventory = JobInventory(policy: Policy(removal: day, encryption: .required))
    #expect(inventory.absorb(.seeing(1), now: at(0)) == [])
    #expect(inventory.targets.isEmpty)
    _ = inventory.absorb(.seeing(1, as: secured), now: at(60))
    #expect(inventory.scheme == .https)
  }

  /// Adopted, inherited, or of a configuration of before: their scrape fails, and nothing is sent.
  @Test func whatWasFoundOverPlainHTTPIsPublishedForTLSWhereThatIsRequired() {
    var inventory = JobInventory(policy: Policy(removal: day, encryption: .required))
    inventory.adopt([endpoint(1): Sighting(exporter: "node_exporter")], now: at(0))
    inventory.inherit(target(2))
    for target in inventory.targets.values { #expect(inventory.scheme(of: target) == .https) }
    #expect(Set(inventory.unencrypted.map(\.endpoint)) == [endpoint(1), endpoint(2)])
    // And as it was found where it is not required any more.
    _ = inventory.adjust(to: Policy(removal: day, encryption: .kept))
    for target in inventory.targets.values { #expect(inventory.scheme(of: target) == .http) }
    #expect(inventory.unencrypted.isEmpty)
  }
}

/// Whatever is reported, and however often the process or the configuration is another.
@Test(arguments: 1...100 as ClosedRange<UInt64>)
func noTargetTurnsToPlainHTTPWhileItIsListed(seed: UInt64) throws {
  var random = SplitMix(seed: seed)
  let start: Encryption = seed.isMultiple(of: 2) ? .kept : .required
  var policy = Policy(removal: .after(.seconds(600)), encryption: start)
  var inventory = JobInventory(policy: policy)
  var published: [Endpoint: Scheme] = [:]
  for step in 1...300 {
    let now = at(60 * step)
    var report = ScanReport(isComplete: Int.random(in: 0..<8, using: &random) > 0)
    for host in 1...6 as ClosedRange<UInt32> {
      switch Int.random(in: 0..<8, using: &random) {
      case 0..<3: report.seen[endpoint(host)] = secured
      case 3: report.seen[endpoint(host)] = Sighting(exporter: "node_exporter", nodename: "web-01")
      case 4..<6: (report.missed[endpoint(host)], report.plain[endpoint(host)]) = (why, why)
      case 6: report.busy.insert(endpoint(host))
      default: report.missed[endpoint(host)] = "no answer"
      }
    }
    let events = inventory.absorb(report, now: now)
    let left = Set(events.compactMap { if case .gone(let target, _) = $0 { target.endpoint } else { nil } })
    switch Int.random(in: 0..<40, using: &random) {
    case 0:
      let moment = Moment(instant: now, wall: WallTime(milliseconds: 1_795_510_800_000))
      let stored = StoredInventory(jobs: [.init(name: "node", targetFile: "a.yml", inventory: inventory)])
      inventory = try #require(try StoredInventory(stored.encoded(at: moment), at: moment).jobs.first).inventory
      inventory.resume(with: policy, now: now)
    case 1:
      policy.encryption = policy.encryption == .kept ? .required : .kept
      _ = inventory.adjust(to: policy)
      // What was published for TLS only because of that is published as it was found.
      published = [:]
    default: break
    }
    let schemes = inventory.targets.mapValues(inventory.scheme(of:))
    for (endpoint, scheme) in schemes {
      try #require(policy.encryption != .required || scheme == .https)
      let wasSecured = published[endpoint] == .https && !left.contains(endpoint)
      try #require(!wasSecured || scheme == .https, "seed \(seed), step \(step): \(endpoint)")
    }
    published = schemes
  }
}

extension Target {
  /// As it was when its silence was told.
  fileprivate var undowngraded: Target {
    var target = self
    guard var silence else { return target }
    silence.isDowngraded = false
    target.state = .silent(silence)
    return target
  }
}
