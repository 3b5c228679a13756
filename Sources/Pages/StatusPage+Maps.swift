internal import Addressing

/// The maps of a job.
extension StatusPage {
  /// Where a page has so many bytes before a job's maps, they are on a page of their own.
  private static let fullPage = 640 * 1_024

  func writeMaps(of position: Int, to html: inout HTML) {
    let (job, spans) = (overview.jobs[position], spans[position])
    guard html.bytes.count < Self.fullPage else {
      html += "<p class=\"quiet\">The maps of this job are on <a"
      html.attribute("href", query.with { $0.job = job.name }.reference)
      html += ">its own page</a>.</p>\n"
      return
    }
    if let prefix = query.prefix, spans.contains(where: prefix.overlaps) {
      writeWay(to: prefix, of: position, to: &html)
      write(AddressMap.maps(of: [prefix], in: job, spans: spans), of: position, to: &html)
    } else {
      let prefixes = [32, 128].flatMap { Atlas(of: spans, family: $0).prefixes }
      write(AddressMap.maps(of: prefixes, in: job, spans: spans), of: position, to: &html)
    }
  }

  /// Writes the maps that `prefix` is within, from all of the job's on.
  private func writeWay(to prefix: Prefix, of position: Int, to html: inout HTML) {
    let (job, spans) = (overview.jobs[position], spans[position])
    html += "<nav class=\"choice\" aria-label=\"Maps\"><ul>\n<li><a"
    html.attribute("href", mapReference(nil, of: position))
    html += ">All maps of "
    html.text(job.name)
    html += "</a></li>\n"
    let top = Atlas(of: spans, family: prefix.address.bitWidth).prefixes.first { $0.contains(prefix.address) }
    for length in stride(from: top?.length ?? prefix.length, to: prefix.length, by: 8) {
      let wider = Prefix(containing: prefix.address, length: length)
      guard AddressMap.maps(of: [wider], in: job, spans: spans)[0].scannedCells > 1 else { continue }
      html += "<li><a"
      html.attribute("href", mapReference(wider, of: position))
      html += ">"
      html.text("\(wider)")
      html += "</a></li>\n"
    }
    html += "<li><a aria-current=\"true\""
    html.attribute("href", mapReference(prefix, of: position))
    html += ">"
    html.text("\(prefix)")
    html += "</a></li>\n</ul></nav>\n"
  }

  /// The page with the map of `prefix` of a job, or with all of its maps, there where the maps are.
  func mapReference(_ prefix: Prefix?, of position: Int) -> String {
    let query = PageQuery("").with {
      $0.job = overview.jobs.count > 1 ? overview.jobs[position].name : nil
      $0.prefix = prefix
      $0.refresh = self.query.refresh
    }
    return query.reference + "#job-\(position + 1)"
  }

  private func writeLegend(to html: inout HTML) {
    html += "<ul class=\"legend\" aria-label=\"Legend\">\n"
    for mark in [Mark.up, .silent, .held, .duplicate, .refused] {
      html += "<li>"
      writeShape(mark, to: &html)
      html += mark.word
      html += mark.meaning
      html += "</li>\n"
    }
    html += "<li><i class=\"mark empty\"></i>scanned, nothing there</li>\n</ul>\n"
  }

  private func write(_ maps: [AddressMap], of position: Int, to html: inout HTML) {
    guard !maps.isEmpty else { return }
    html += maps.count == 1 ? "<h3>Map" : "<h3>Maps"
    if maps.allSatisfy(\.isFinest) {
      html += " <span>A cell is an address.</span></h3>\n"
    } else {
      html += " <span>A cell is an address or a block of them, which shows the state that matters most; "
      html += "the larger, the more of it are targets.</span></h3>\n"
    }
    html += maps.count == 1 ? "<div class=\"one\">\n" : maps.count <= 9 ? "<div class=\"few\">\n" : "<div>\n"
    writeLegend(to: &html)
    html += "<div class=\"maps\">\n"
    let writer = MapWriter(page: self, position: position)
    for map in maps { writer.write(map, to: &html) }
    html += "</div>\n</div>\n"
  }
}

extension Mark {
  /// What stands behind the word in the legend.
  fileprivate var meaning: StaticString {
    switch self {
    case .up: ""
    case .silent: ": does not answer"
    case .held: ": does not answer, and stays"
    case .duplicate: ": another address of a machine"
    case .refused: ": answers, is no target"
    }
  }
}
