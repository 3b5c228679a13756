/// The table of jobs, where they are too many to show each with its maps.
extension StatusPage {
  func writeJobList(to html: inout HTML) {
    let list = JobList(of: overview.jobs, page: query.jobsPage)
    html += "<section aria-labelledby=\"jobs\">\n<h2 id=\"jobs\">Jobs</h2>\n<p>"
    html.number(list.rows.count)
    html += " jobs, first those with faults, holds, incomplete scans or silent targets. "
    if list.pages > 1 {
      html += "Shown are "
      html.number(list.range.lowerBound + 1)
      html += " to "
      html.number(list.range.upperBound)
      html += "."
    }
    html += "</p>\n<div class=\"wide\" role=\"region\" aria-labelledby=\"jobs\" tabindex=\"0\">\n<table>\n"
    html += "<caption>Jobs, those to look at first</caption>\n<thead><tr><th scope=\"col\">Job</th>"
    html += "<th scope=\"col\">Up</th><th scope=\"col\">Silent</th><th scope=\"col\">Held</th>"
    html += "<th scope=\"col\">Refused</th><th scope=\"col\">Note</th></tr></thead>\n<tbody>\n"
    for position in list.rows[list.range] { writeRow(of: overview.jobs[position], to: &html) }
    html += "</tbody>\n</table>\n</div>\n"
    if list.pages > 1 {
      writePages(list.page, of: list.pages, "Pages of jobs", to: &html) { page in
        query.with { $0.jobsPage = page }.reference + "#jobs"
      }
    }
    html += "</section>\n"
  }

  private func writeRow(of job: JobView, to html: inout HTML) {
    let counts = MarkCounts(job)
    html += "<tr><th scope=\"row\"><a"
    html.attribute("href", reference(toJob: job.name))
    html += ">"
    html.text(job.name, limit: 253)
    html += "</a></th>"
    write(counts.up, .up, to: &html)
    write(counts[.silent], .silent, to: &html)
    write(counts[.held], .held, to: &html)
    write(counts[.refused], .refused, to: &html)
    html += "<td class=\"note\">"
    if let trouble = job.faults.first ?? job.holds.first?.sentence {
      html += "<strong class=\"alarm\">"
      html.text(trouble, limit: 253)
      html += "</strong>"
    } else if let scan = job.lastScan {
      write(scan, to: &html)
    } else {
      html += "no scan yet"
    }
    html += "</td></tr>\n"
  }

  private func write(_ count: Int, _ mark: Mark, to html: inout HTML) {
    html += "<td>"
    if count > 0 {
      writeShape(mark, to: &html)
      html.number(count)
    } else {
      html += "–"
    }
    html += "</td>"
  }

  /// The page of a job, nil for that of all.
  func reference(toJob name: String?) -> String {
    let query = PageQuery("").with {
      $0.job = name
      $0.refresh = self.query.refresh
    }
    return query.reference
  }
}
