internal import Addressing

/// The targets that a query asks for, in its order, and which of them are on its page.
struct TargetSelection {
  /// A target, by its position in the overview.
  struct Row: Hashable {
    let job: Int
    let target: Int
  }

  static let rowsOfPage = 250

  let total: Int
  let rows: [Row]
  /// From 1 on; that of the query, or the last one there is.
  let page: Int

  private let jobs: [JobView]

  init(of overview: Overview, _ query: PageQuery) {
    jobs = overview.jobs
    total = jobs.reduce(0) { $0 + $1.targets.count }
    let search = SearchText(query.text)
    var matches: [(endpoint: Endpoint, row: Row)] = []
    for (jobPosition, job) in jobs.enumerated() where query.job == nil || query.job == job.name {
      for (position, target) in job.targets.enumerated() {
        guard query.state?.accepts(target) ?? true, query.prefix?.contains(target.endpoint.address) ?? true,
          search.matches(target.endpoint, target.texts + [job.name])
        else { continue }
        matches.append((target.endpoint, Row(job: jobPosition, target: position)))
      }
    }
    matches.sort { ($0.endpoint, $0.row.job) < ($1.endpoint, $1.row.job) }
    rows = Self.ordered(matches.map(\.row), of: jobs, by: query.order)
    page = min(query.page, Self.pages(of: rows.count))
  }

  var pages: Int { Self.pages(of: rows.count) }
  /// The positions among `rows` that are on the page.
  var range: Range<Int> { (page - 1) * Self.rowsOfPage..<min(page * Self.rowsOfPage, rows.count) }

  func job(of row: Row) -> JobView { jobs[row.job] }
  func target(of row: Row) -> TargetView { jobs[row.job].targets[row.target] }

  private static func pages(of rows: Int) -> Int { max(1, (rows + rowsOfPage - 1) / rowsOfPage) }
}

// MARK: - Order

extension TargetSelection {
  /// `rows`, which are in the order of endpoints, by another column.
  private static func ordered(_ rows: [Row], of jobs: [JobView], by order: TargetOrder) -> [Row] {
    func sorted<Key: Comparable>(_ key: (TargetView) -> Key?) -> [Row] {
      Self.sorted(rows, isDescending: order.isDescending) { key(jobs[$0.job].targets[$0.target]) }
    }
    switch order.column {
    case .target: return order.isDescending ? rows.reversed() : rows
    case .job:
      let names = jobs.map(\.name.sortKey)
      return Self.sorted(rows, isDescending: order.isDescending) { names[$0.job] }
    case .state: return sorted(\.mark)
    case .exporter: return sorted(\.exporter.sortKey)
    case .version: return sorted { $0.version?.sortKey }
    case .name: return sorted { $0.name?.sortKey }
    // What is known longer is known since an earlier time.
    case .known: return sorted { .zero - $0.firstSeen }
    case .silent: return sorted { target in target.silentSince.map { .zero - $0 } }
    }
  }

  /// Makes each key once; what has none comes last in both directions, and what has equal ones stays in its order.
  private static func sorted<Key: Comparable>(_ rows: [Row], isDescending: Bool, by key: (Row) -> Key?) -> [Row] {
    var keyed: [(key: Key, position: Int)] = []
    var rest: [Row] = []
    for (position, row) in rows.enumerated() {
      if let key = key(row) { keyed.append((key, position)) } else { rest.append(row) }
    }
    keyed.sort { left, right in
      if left.key == right.key { return left.position < right.position }
      return (left.key < right.key) != isDescending
    }
    return keyed.map { rows[$0.position] } + rest
  }
}

extension TargetView {
  /// What it is called: by itself, or else by the names of its address.
  var name: String? { nodename ?? hostname }

  /// Its names, without the one that only begins the other.
  var names: [String] {
    guard let nodename, let hostname else { return [nodename, hostname].compactMap(\.self) }
    return hostname == nodename || hostname.hasPrefix(nodename + ".") ? [hostname] : [nodename, hostname]
  }

  /// What is searched beside its endpoint; a duplicate is found by that word, too.
  fileprivate var texts: [String?] {
    [nodename, hostname, exporter, version, state.rawValue, reason, duplicateOf.map { _ in "duplicate" }]
  }
}
