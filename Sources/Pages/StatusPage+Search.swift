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
    if overview.jobs.count > 1 {
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
    let (page, pages) = (selection.page, selection.pages)
    html += "<nav class=\"choice\" aria-label=\"Pages of targets\"><ul>\n"
    writePage(1, "First", isThere: page > 1, to: &html)
    writePage(page - 1, "Previous", isThere: page > 1, to: &html)
    html += "<li>Page "
    html.number(page)
    html += " of "
    html.number(pages)
    html += "</li>\n"
    writePage(page + 1, "Next", isThere: page < pages, to: &html)
    writePage(pages, "Last", isThere: page < pages, to: &html)
    html += "</ul></nav>\n"
  }

  private func writePage(_ page: Int, _ title: StaticString, isThere: Bool, to html: inout HTML) {
    html += "<li>"
    if isThere {
      html += "<a"
      html.attribute("href", query.with { $0.page = page }.reference + "#targets")
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
