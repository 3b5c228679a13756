internal import Addressing
internal import Glibc

/// The kernel's neighbour table: half of it is ours to fill.
enum NeighbourTable {
  /// How long an entry cannot be had again for another address: what does not answer is asked three times, a second apart
  /// (measured: 3.05 s), and what answers is kept for five even where there is no room (neigh_forced_gc in the kernel's
  /// net/core/neighbour.c).
  static let hold: UInt64 = 5_000_000_000

  /// How many entries are ours at a time.
  static func share(of size: Int) -> Int { max(size / 2, 2) }

  /// Nanoseconds that so many addresses take at least: as many as our share are contacted at once, and of more as many in
  /// each `hold`.
  static func leastTime(addresses: UInt64, ports: Int, size: Int) -> Double {
    let held = Double(share(of: size)) / Double(addresses)
    guard held < 1 else { return 0 }
    if ports == 1 { return ((1 / held).rounded(.up) - 1) * Double(hold) }
    // Of the shuffled endpoints a part is tried in each `hold`, in which an address occurs at one port at least with a chance
    // of 1 - (1 - part)^ports: this makes as many addresses as are held.
    let part = -expm1(log1p(-held) / Double(max(ports, 1)))
    return max(1, 1 / part - 1) * Double(hold)
  }

  /// The kernel's limit, 1024 where it is hidden.
  static var size: Int {
    readText("/proc/sys/net/ipv4/neigh/default/gc_thresh3").flatMap { Int($0.prefix { $0.isNumber }) } ?? 1024
  }

  /// How many IPv4 neighbours of this network namespace have not answered, as the one who scanned before has left them.
  static var unanswered: Int { readText("/proc/self/net/arp").map(unanswered) ?? 0 }

  /// Address, type of hardware, flags, …; no flag is set for one that has not answered (arp(7)).
  static func unanswered(in text: String) -> Int {
    text.split(separator: "\n").count { line in
      let fields = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
      return fields.count == 4 && fields[2] == "0x0"
    }
  }
}

/// The entries of the neighbour table that are ours now: as many as our share may be taken at once, and each comes back
/// when the kernel can do without it. So what fits is not slowed down, and what does not never fills the table.
struct NeighbourShare {
  /// When each address was last contacted, of those that may have an entry; the port is of no account.
  private var held: [Endpoint: UInt64] = [:]
  /// The same in the order of time, and what was contacted again since is there twice.
  private var order = DeadlineQueue<Endpoint>()
  private let share: Int
  /// Entries that another has left, and until when.
  private var others: Int
  private let othersUntil: UInt64

  /// `unanswered` of the entries are perhaps another's, as of `now`. Some of them the kernel may have given up already, which
  /// cannot be told; so they cost half of the share at most, and the other half is never more than the table has room for.
  init(tableSize: Int, unanswered: Int = 0, now: UInt64 = 0) {
    share = NeighbourTable.share(of: tableSize)
    others = min(max(unanswered, 0), share / 2)
    othersUntil = now + NeighbourTable.hold
  }

  /// When an entry may be free, where `take` has said that none is.
  var nextAt: UInt64 { min(order.earliest ?? .max, others > 0 ? othersUntil : .max) }

  /// Whether an address may be contacted now: it has an entry, or takes one.
  mutating func take(_ address: Address, at now: UInt64) -> Bool {
    expire(at: now)
    let key = Endpoint(address: address, port: 0)
    guard held[key] != nil || held.count + others < share else { return false }
    note(key, at: now)
    return true
  }

  /// An address that has just been spoken to is contacted again, whether an entry is free or not.
  mutating func touch(_ address: Address, at now: UInt64) {
    expire(at: now)
    note(Endpoint(address: address, port: 0), at: now)
  }

  private mutating func note(_ key: Endpoint, at now: UInt64) {
    held[key] = now
    order.append(key, deadline: now + NeighbourTable.hold)
  }

  private mutating func expire(at now: UInt64) {
    if now >= othersUntil { others = 0 }
    while let key = order.popDue(at: now) {
      if let since = held[key], since + NeighbourTable.hold <= now { held[key] = nil }
    }
  }
}
