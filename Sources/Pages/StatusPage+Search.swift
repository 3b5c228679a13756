/// What is asked of the table of targets, and its pages.
extension StatusPage {
  func writeSearch(to html: inout HTML) {
    html += "<form method=\"get\" action=\"#targets\" role=\"search\">\n<label>Search <input type=\"search\" name=\"q\""
    html += " placeholder=\"address, prefix, name, exporter, reason\" maxlength=\""
    html.digits(PageQuery.longestText)
    html += "\""
    html.attribute("value", query.text)
    html += "></label>\n<label>State <select name=\"state\"><option value=\"\">all</option>"
    for state in StateFilter.allCases {
      writeOption(state.rawValue, isSelected: state == query.state, to: &html)
    }
    html += "</select></label>\n"
    if hasManyJobs {
      html += "<label>Job <input name=\"job\" placeholder=\"its whole name\""
      html.attribute("value", query.job ?? "")
      html += "></label>\n"
    } else if overview.jobs.count > 1 {
      html += "<label>Job <select name=\"job\"><option value=\"\">all</option>"
      for job in overview.jobs { writeOption(job.name, isSelected: job.name == query.job, to: &html) }
      html += "</select></label>\n"
    }
    for (key, value) in query.pairs where ["sort", "prefix", "refresh"].contains(key) {
      html += "<input type=\"hidden\""
      html.attribute("name", key)
      html.attribute("value", value)
      html += ">\n"
    }
    html += "<button>Search</button>\n</form>\n"
  }

  private func writeOption(_ value: String, isSelected: Bool, to html: inout HTML) {
    html += "<option"
    html.attribute("value", value)
    if isSelected { html += " selected" }
    html += ">"
    html.text(value)
    html += "</option>"
  }

  func writePages(of selection: TargetSelection, to html: inout HTML) {
    writePages(selection.page, of: selection.pages, "Pages of targets", to: &html) { page in
      query.with { $0.page = page }.reference + "#targets"
    }
  }

  /// Writes links to the other pages of a table.
  func writePages(
    _ page: Int, of pages: Int, _ title: StaticString, to html: inout HTML, reference: @escaping (Int) -> String
  ) {
    html += "<nav class=\"choice\" aria-label=\""
    html += title
    html += "\"><ul>\n"
    writePage(1, "First", page > 1 ? reference : nil, to: &html)
    writePage(page - 1, "Previous", page > 1 ? reference : nil, to: &html)
    html += "<li>Page "
    html.number(page)
    html += " of "
    html.number(pages)
    html += "</li>\n"
    writePage(page + 1, "Next", page < pages ? reference : nil, to: &html)
    writePage(pages, "Last", page < pages ? reference : nil, to: &html)
    html += "</ul></nav>\n"
  }

  /// `reference` is nil where there is no such page.
  private func writePage(
    _ page: Int, _ title: StaticString, _ reference: ((Int) -> String)?, to html: inout HTML
  ) {
    html += "<li>"
    if let reference {
      html += "<a"
      html.attribute("href", reference(page))
      html += ">"
      html += title
      html += " ("
      html.number(page)
      html += ")</a>"
    } else {
      html += "<span class=\"quiet\">"
      html += title
      html += "</span>"
    }
    html += "</li>\n"
  }
}
