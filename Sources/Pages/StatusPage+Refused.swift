internal import Addressing

/// The table of what answers and is no target.
extension StatusPage {
  private static let mostRefused = 200

  func writeRefused(to html: inout HTML) {
    let all = shownJobs.flatMap { position in
      overview.jobs[position].refused.map { (job: overview.jobs[position].name, refused: $0) }
    }
    let unknown = shownJobs.reduce(0) { $0 + overview.jobs[$1].moreRefused }
    guard !all.isEmpty || unknown > 0 else { return }
    let search = SearchText(query.text)
    let matches = all.filter { job, refused in
      search.matches(refused.endpoint, [refused.verdict, refused.verdictText, refused.reason, job])
        && query.prefix?.contains(refused.endpoint.address) ?? true
    }
    let rows = matches.sorted { left, right in
      (left.refused.verdict, left.refused.endpoint, left.job) < (
        right.refused.verdict, right.refused.endpoint, right.job
      )
    }
    html += "<section aria-labelledby=\"refused\">\n<h2 id=\"refused\">Answers, and is no target</h2>\n"
    if rows.isEmpty {
      html += "<p>Nothing that is refused matches.</p>\n"
    } else {
      writeTable(of: rows.prefix(Self.mostRefused), to: &html)
    }
    let more = max(0, rows.count - Self.mostRefused) + (rows.count == all.count ? unknown : 0)
    if more > 0 {
      html += "<p>And "
      html.number(more)
      html += " more: <code>subnet-sd targets --state refused</code> lists them.</p>\n"
    }
    html += "</section>\n"
  }

  private func writeTable(of rows: ArraySlice<(job: String, refused: RefusedView)>, to html: inout HTML) {
    html += "<div class=\"wide\" role=\"region\" aria-labelledby=\"refused\" tabindex=\"0\">\n<table>\n"
    html += "<caption>Refused endpoints, by verdict</caption>\n<thead><tr><th scope=\"col\">Endpoint</th>"
    if overview.jobs.count > 1 { html += "<th scope=\"col\">Job</th>" }
    html += "<th scope=\"col\">Verdict</th><th scope=\"col\">Since</th><th scope=\"col\">Asked again</th>"
    html += "<th scope=\"col\">Reason</th></tr></thead>\n<tbody>\n"
    for row in rows { writeRow(row.refused, of: row.job, to: &html) }
    html += "</tbody>\n</table>\n</div>\n"
  }

  private func writeRow(_ refused: RefusedView, of job: String, to html: inout HTML) {
    html += "<tr><th scope=\"row\">"
    html.text("\(refused.endpoint)")
    html += "</th><td>"
    if overview.jobs.count > 1 {
      html.text(job, limit: 253)
      html += "</td><td>"
    }
    writeShape(.refused, to: &html)
    html.text(refused.verdictText, limit: 64)
    html += "</td><td>"
    if let since = refused.since { writeAge(since, to: &html) } else { html += "–" }
    html += "</td><td>"
    if let again = refused.askedAgainIn {
      html += "in "
      html.text(overview.wording.duration(again))
    } else {
      html += "at each scan"
    }
    html += "</td><td class=\"note\">"
    html.text(refused.reason)
    html += "</td></tr>\n"
  }
}
