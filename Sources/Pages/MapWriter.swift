internal import Addressing

/// Writes maps of one job: 16 rows of 16 cells, each a link with a card that shows while it is pointed at or focused.
///
/// There may be thousands of cells on a page, so each is written in few bytes.
struct MapWriter {
  private let page: StatusPage
  private let position: Int
  /// What follows the search for an address in a link, so that the map stays the one that is looked at.
  private let rest: String

  private var job: JobView { page.overview.jobs[position] }
  private var wording: Wording { page.overview.wording }

  /// Of an address with more endpoints, the others are only counted.
  private static let mostMembers = 4
  /// More characters of a name are only in the table.
  private static let longestName = 64
  /// Where a page has so many bytes, cards say no more than the state.
  private static let fullPage = 1_000_000

  init(page: StatusPage, position: Int) {
    (self.page, self.position) = (page, position)
    let query = PageQuery("").with {
      $0.job = page.query.job
      $0.prefix = page.query.prefix
      $0.refresh = page.query.refresh
    }
    rest = query.pairs.isEmpty ? "" : "&" + query.reference.dropFirst()
  }

  func write(_ map: AddressMap, to html: inout HTML) {
    html += "<figure>\n<figcaption><a"
    html.attribute("href", page.mapReference(map.prefix, of: position))
    html += ">"
    html.text("\(map.prefix)")
    html += "</a> "
    writeCounts(map.counts, to: &html)
    html += "</figcaption>\n<div class=\"cells\" role=\"group\""
    html.attribute("aria-label", "\(map.prefix)")
    html += ">"
    writeColumns(of: map, to: &html)
    let rows = map.rows
    for row in rows {
      if row == rows.lowerBound + (rows.count + 1) / 2 { html += "\n<div class=\"below\">" }
      html += "\n<b class=\"row\">"
      html.text(map.label(row * 16))
      html += "</b>"
      for index in row * 16..<row * 16 + 16 { writeCell(index, of: map, to: &html) }
    }
    html += rows.count > 1 ? "\n</div>\n</div>\n</figure>\n" : "\n</div>\n</figure>\n"
  }

  /// Every fourth column has a label; the first column is the row's own.
  private func writeColumns(of map: AddressMap, to html: inout HTML) {
    html += "\n<b></b>"
    for column in 0..<16 {
      html += "<b>"
      if column > 0, column.isMultiple(of: 4) {
        html += "+"
        html.text(map.family == 32 ? String(column) : String(column, radix: 16))
      }
      html += "</b>"
    }
  }

  private func writeCounts(_ counts: MarkCounts, to html: inout HTML) {
    html.number(counts.up)
    html += " up"
    for mark in [Mark.silent, .held, .refused] where counts[mark] > 0 {
      html += ", "
      html.number(counts[mark])
      html += " "
      html += mark.word
    }
  }

  private func writeCell(_ index: Int, of map: AddressMap, to html: inout HTML) {
    let cell = map.cells[index]
    if let mark = cell.counts.worst {
      if map.isFinest {
        writeAddress(map.block(at: index).address, cell, mark, to: &html)
      } else {
        writeBlock(index, of: map, mark, to: &html)
      }
    } else if cell.scanned > 0 {
      let block = map.block(at: index)
      let name = map.isFinest ? "\(block.address)" : "\(block)"
      html += map.isFinest ? "<i data-address=\"" : "<i data-prefix=\""
      html.text(name)
      html += "\" title=\""
      html.text(name)
      html += "\"></i>"
    } else {
      html += "<i></i>"
    }
  }
}

// MARK: - Blocks

extension MapWriter {
  private func writeBlock(_ index: Int, of map: AddressMap, _ mark: Mark, to html: inout HTML) {
    let (block, cell) = ("\(map.block(at: index))", map.cells[index])
    html += "<a"
    html.attribute("href", page.mapReference(map.nextMap(at: index), of: position))
    html.attribute("data-prefix", block)
    html += " data-state=\""
    html += mark.word
    html += "\" style=\"--d:"
    writeSide(of: cell, to: &html)
    html += "\"><span><b>"
    html.text(block)
    html += "</b>"
    writeCounts(cell.counts, to: &html)
    html += "<br>of "
    html.number(cell.scanned)
    html += cell.scanned == 1 ? " address</span></a>" : " addresses</span></a>"
  }

  /// Writes how long the sides of a block's square are, where 1 is the whole cell: its area is the share of targets, but
  /// it stays large enough to show its shape.
  private func writeSide(of cell: AddressMap.Cell, to html: inout HTML) {
    let share = Double(cell.counts.targets) / Double(max(cell.scanned, 1))
    let hundredths = Int((min(max(share.squareRoot(), 0.4), 1) * 100).rounded())
    guard hundredths < 100 else {
      html += "1"
      return
    }
    html += "."
    html.digits(hundredths)
  }
}

// MARK: - Addresses

extension MapWriter {
  private func writeAddress(_ address: Address, _ cell: AddressMap.Cell, _ mark: Mark, to html: inout HTML) {
    let first =
      cell.targets.first.map { job.targets[$0].endpoint } ?? cell.refused.first.map { job.refused[$0].endpoint }
    html += "<a href=\"?q="
    html.text("\(address)")
    html.text(rest)
    html += cell.targets.isEmpty ? "#refused" : "#targets"
    html += "\" data-endpoint=\""
    html.text(first?.description ?? "")
    html += "\" data-state=\""
    html += mark.word
    html += "\"><span>"
    // Names that are as long as can be must not make a page of them.
    guard html.bytes.count < Self.fullPage else {
      html += mark.word
      html += "</span></a>"
      return
    }
    for index in cell.targets.prefix(Self.mostMembers) { write(job.targets[index], to: &html) }
    for index in cell.refused.prefix(max(0, Self.mostMembers - cell.targets.count)) {
      write(job.refused[index], to: &html)
    }
    let others = cell.targets.count + cell.refused.count - Self.mostMembers
    if others > 0 {
      html += "<b>and "
      html.number(others)
      html += " more</b>"
    }
    html += "</span></a>"
  }

  private func write(_ target: TargetView, to html: inout HTML) {
    html += "<b>"
    html.text("\(target.endpoint)")
    html += "</b>"
    for name in target.names {
      html.text(name, limit: Self.longestName)
      html += "<br>"
    }
    html.text(target.exporter, limit: Self.longestName)
    if let version = target.version {
      html += " "
      html.text(version, limit: Self.longestName)
    }
    html += "<br>"
    html += target.mark.word
    if let silence = target.silentSince {
      html += target.state == .silent ? " since " : ", silent since "
      writeTime(silence, to: &html)
    } else {
      html += ", known since "
      writeTime(target.firstSeen, to: &html)
    }
    page.writeNotes(of: target, to: &html, before: "<br>")
  }

  private func write(_ refused: RefusedView, to html: inout HTML) {
    html += "<b>"
    html.text("\(refused.endpoint)")
    html += "</b>refused: "
    html.text(refused.verdictText, limit: Self.longestName)
    html += "<br>"
    html.text(refused.reason, limit: 253)
    if let since = refused.since {
      html += "<br>left alone since "
      writeTime(since, to: &html)
    }
    html += "<br>asked again "
    if let again = refused.askedAgainIn {
      html += "in "
      html.text(wording.duration(again))
    } else {
      html += "at each scan"
    }
  }

  /// Writes when something was and how long ago that is.
  private func writeTime(_ ago: Duration, to html: inout HTML) {
    html.text(wording.time(ago))
    html += " ("
    html.text(wording.duration(ago))
    html += ")"
  }
}

extension AddressMap {
  /// The part of an address that a row's first cell stands for: `.32`, of the first octet `32`, of IPv6 the two
  /// digits.
  fileprivate func label(_ index: Int) -> String {
    guard family == 32 else { return (index < 16 ? "0" : "") + String(index, radix: 16) }
    return prefix.length == 0 ? String(index) : ".\(index)"
  }
}
