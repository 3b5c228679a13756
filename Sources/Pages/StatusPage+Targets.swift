internal import Addressing

/// The table of targets.
extension StatusPage {
  func writeTargets(to html: inout HTML) {
    let selection = TargetSelection(of: overview, query)
    html += "<section aria-labelledby=\"targets\">\n<h2 id=\"targets\">Targets</h2>\n"
    writeSearch(to: &html)
    html += "<p role=\"status\">"
    writeExtent(of: selection, to: &html)
    html += "</p>\n"
    if !selection.rows.isEmpty { writeTable(of: selection, to: &html) }
    html += "</section>\n"
  }

  private var isFiltered: Bool {
    !query.text.isEmpty || query.state != nil || query.job != nil || query.prefix != nil
  }

  /// Writes how many targets of how many are asked for, and which of those are shown.
  private func writeExtent(of selection: TargetSelection, to html: inout HTML) {
    if selection.total == 0 {
      html += "No target is known yet."
      return
    }
    if selection.rows.isEmpty { html += "No target matches: " }
    html.number(selection.rows.count)
    html += " of "
    html.number(selection.total)
    html += selection.total == 1 ? " target" : " targets"
    if !query.text.isEmpty {
      html += ", search “"
      html.text(query.text)
      html += "”"
    }
    if let prefix = query.prefix {
      html += ", in "
      html.text("\(prefix)")
    }
    if selection.pages > 1 {
      html += ", shown are "
      html.number(selection.range.lowerBound + 1)
      html += " to "
      html.number(selection.range.upperBound)
    }
    html += ". "
    guard isFiltered else { return }
    html += "<a"
    html.attribute(
      "href",
      query.with { ($0.text, $0.state, $0.job, $0.prefix, $0.page) = ("", nil, nil, nil, 1) }.reference + "#targets")
    html += ">Show all</a>"
  }

  private func writeTable(of selection: TargetSelection, to html: inout HTML) {
    html += "<div class=\"wide\" role=\"region\" aria-labelledby=\"targets\" tabindex=\"0\">\n<table>\n"
    html += "<caption>Targets, by what stands in their columns’ heads</caption>\n<thead><tr>"
    for column in columns { writeHead(of: column, to: &html) }
    html += "<th scope=\"col\">Note</th></tr></thead>\n<tbody>\n"
    for row in selection.rows[selection.range] {
      writeRow(selection.target(of: row), of: selection.job(of: row), to: &html)
    }
    html += "</tbody>\n</table>\n</div>\n"
    if selection.pages > 1 { writePages(of: selection, to: &html) }
  }

  private var columns: [TargetOrder.Column] {
    TargetOrder.Column.allCases.filter { $0 != .job || overview.jobs.count > 1 }
  }

  private func writeHead(of column: TargetOrder.Column, to html: inout HTML) {
    let isCurrent = query.order.column == column
    html += "<th scope=\"col\""
    if isCurrent { html += query.order.isDescending ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"" }
    html += "><a"
    let next = TargetOrder(column, isDescending: isCurrent && !query.order.isDescending)
    html.attribute("href", query.with { ($0.order, $0.page) = (next, 1) }.reference + "#targets")
    html += ">"
    html += column.title
    html += "</a></th>"
  }

  private func writeRow(_ target: TargetView, of job: JobView, to html: inout HTML) {
    html += "<tr><th scope=\"row\">"
    writeLink(to: target, to: &html)
    html += "</th><td>"
    if overview.jobs.count > 1 {
      html.text(job.name, limit: 253)
      html += "</td><td>"
    }
    writeShape(target.mark, to: &html)
    html.text(target.state.rawValue)
    html += "</td><td>"
    html.text(target.exporter, limit: 253)
    html += "</td><td>"
    html.text(target.version ?? "–", limit: 64)
    html += "</td><td class=\"name\">"
    for (position, name) in target.names.enumerated() {
      html += position == 0 ? "" : " <span class=\"quiet\">"
      html.text(name, limit: 253)
      html += position == 0 ? "" : "</span>"
    }
    html += "</td><td>"
    writeAge(target.firstSeen, to: &html)
    html += "</td><td>"
    if let silence = target.silentSince { writeAge(silence, to: &html) } else { html += "–" }
    html += "</td><td class=\"note\">"
    writeNotes(of: target, to: &html, before: "")
    html += "</td></tr>\n"
  }

  /// Writes a target as a link to what Prometheus reads there.
  private func writeLink(to target: TargetView, to html: inout HTML) {
    let endpoint = target.endpoint.description
    guard ["http", "https"].contains(target.scheme), target.metricsPath.hasPrefix("/") else {
      html.text(endpoint)
      return
    }
    html += "<a rel=\"noreferrer\""
    html.attribute("href", "\(target.scheme)://\(endpoint)\(target.metricsPath.prefix(253))")
    html += ">"
    html.text(endpoint)
    html += "</a>"
  }

  /// Writes why a target is as it is, and what becomes of it.
  func writeNotes(of target: TargetView, to html: inout HTML, before: StaticString) {
    var separator = before
    func next(_ html: inout HTML) {
      html += separator
      separator = "; "
    }
    if let reason = target.reason {
      next(&html)
      html.text(reason, limit: 253)
    }
    if let leaves = target.leavesIn {
      next(&html)
      html += leaves > .zero ? "leaves in " : "leaves soon"
      if leaves > .zero { html.text(overview.wording.duration(leaves)) }
    }
    if let first = target.duplicateOf {
      next(&html)
      html += "same process as "
      html.text("\(first)")
    }
    if !target.isListed {
      next(&html)
      html += "not listed"
    }
  }
}
