/// The jobs of an overview that has many of them: those that need a look first, page by page.
struct JobList {
  /// More jobs than these are listed, and only the one that is asked for is shown with its maps.
  static let mostShown = 20
  static let rowsOfPage = 50

  /// Positions in the overview.
  let rows: [Int]
  /// From 1 on; that of the query, or the last one there is.
  let page: Int

  init(of jobs: [JobView], page: Int) {
    let needs = jobs.map(Need.init)
    rows = jobs.indices.sorted { (needs[$0].rawValue, $0) < (needs[$1].rawValue, $1) }
    self.page = min(page, Self.pages(of: jobs.count))
  }

  var pages: Int { Self.pages(of: rows.count) }
  /// The positions among `rows` that are on the page.
  var range: Range<Int> { (page - 1) * Self.rowsOfPage..<min(page * Self.rowsOfPage, rows.count) }

  private static func pages(of rows: Int) -> Int { max(1, (rows + rowsOfPage - 1) / rowsOfPage) }

  /// Why a job needs a look, the most pressing reason first.
  private enum Need: Int {
    case mending, scanning, silence, nothing

    init(_ job: JobView) {
      if !job.faults.isEmpty || !job.holds.isEmpty {
        self = .mending
      } else if job.lastScan?.isComplete == false {
        self = .scanning
      } else {
        self = job.targets.contains { $0.state == .silent } ? .silence : .nothing
      }
    }
  }
}
