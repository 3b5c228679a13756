/// What somebody has to do something about.
extension StatusPage {
  /// Of how many jobs faults and holds are written.
  private static let mostNeedy = 50

  /// Writes faults and holds of all jobs, whichever are shown, or nothing where there are none.
  func writeAttention(to html: inout HTML) {
    let all = overview.jobs.filter { !$0.faults.isEmpty || !$0.holds.isEmpty }
    let jobs = all.prefix(Self.mostNeedy)
    guard !overview.faults.isEmpty || !jobs.isEmpty else { return }
    html += "<section class=\"attention\" aria-labelledby=\"attention\">\n"
    html += "<h2 id=\"attention\">Needs attention</h2>\n<ul>\n"
    for fault in overview.faults {
      html += "<li>"
      html.text(fault)
      html += "</li>\n"
    }
    for job in jobs {
      for fault in job.faults {
        writeItem(of: job, fault, to: &html)
        html += "</li>\n"
      }
      for hold in job.holds { write(hold, of: job, to: &html) }
    }
    if all.count > jobs.count {
      html += "<li>and "
      html.number(all.count - jobs.count)
      html += all.count - jobs.count == 1 ? " job more</li>\n" : " jobs more</li>\n"
    }
    html += "</ul>\n</section>\n"
  }

  private func writeItem(of job: JobView, _ sentence: String, to html: inout HTML) {
    html += "<li>job <strong>"
    html.text(job.name)
    html += "</strong>: "
    html.text(sentence)
  }

  private func write(_ hold: HoldView, of job: JobView, to html: inout HTML) {
    writeItem(of: job, hold.sentence, to: &html)
    html += ".<br>Nothing of it is removed since "
    writeSince(hold.since, to: &html)
    html += ". If they are really gone: <code>"
    html.text(hold.release)
    html += "</code></li>\n"
  }
}
