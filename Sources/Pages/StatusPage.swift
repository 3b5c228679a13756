internal import Addressing

/// The status page: HTML with all that it needs in it, and nothing that runs.
package struct StatusPage {
  let overview: Overview
  let query: PageQuery
  /// Of each job, in ascending order.
  let spans: [[AddressSpan]]

  /// The page of `overview` that `query` asks for; a job or a prefix that is not in it is as if it were not asked for.
  package init(_ overview: Overview, _ query: PageQuery) {
    let spans = overview.jobs.map(\.addresses.spans)
    var query = query
    if !overview.jobs.contains(where: { $0.name == query.job }) { query.job = nil }
    if let prefix = query.prefix, !spans.joined().contains(where: prefix.overlaps) { query.prefix = nil }
    (self.overview, self.query, self.spans) = (overview, query, spans)
  }

  /// The document, UTF-8.
  package var html: [UInt8] {
    var html = HTML(capacity: 1 << 19)
    html += "<!doctype html>\n<html lang=\"en\">\n"
    writeHead(to: &html)
    html += "<body>\n<a class=\"skip\" href=\"#targets\">Skip to the targets</a>\n"
    writeHeader(to: &html)
    html += "<main>\n"
    writeAttention(to: &html)
    if hasManyJobs, query.job == nil { writeJobList(to: &html) } else { writeJobs(to: &html) }
    writeTargets(to: &html)
    writeRefused(to: &html)
    html += "</main>\n</body>\n</html>\n"
    return html.bytes
  }

  /// Whether there are too many jobs to show each with its maps.
  var hasManyJobs: Bool { overview.jobs.count > JobList.mostShown }

  /// The jobs that are asked for, by their positions.
  var shownJobs: [Int] {
    overview.jobs.indices.filter { query.job == nil || query.job == overview.jobs[$0].name }
  }

  private func writeHead(to html: inout HTML) {
    html +=
      "<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    html += "<meta name=\"referrer\" content=\"no-referrer\">\n"
    if let refresh = query.refresh {
      html += "<meta http-equiv=\"refresh\" content=\""
      html.digits(refresh)
      html += "\">\n"
    }
    html += "<title>subnet-sd: "
    html.text(overview.summary)
    // Browsers that are told of an icon ask for no other.
    html += "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n"
    html += Style.page
    html += Style.maps
    html += "</style>\n</head>\n"
  }

  private func writeHeader(to html: inout HTML) {
    html += "<header>\n<h1>subnet-sd <small>"
    html.text(overview.version)
    html += "</small></h1>\n<p>"
    html.text(overview.summary)
    html += "</p>\n<nav aria-label=\"Pages\"><ul>\n<li><a href=\"/metrics\">/metrics</a></li>\n"
    html += "<li><a href=\"/sd\">/sd</a></li>\n<li><a href=\"/api/v1/targets\">/api/v1/targets</a></li>\n"
    html += "<li><a href=\"/-/healthy\">/-/healthy</a></li>\n<li>"
    if let refresh = query.refresh {
      html += "Reloads every "
      html.digits(refresh)
      html += " s <a"
      html.attribute("href", query.with { $0.refresh = nil }.reference)
      html += ">stop</a>"
    } else {
      html += "<a"
      html.attribute("href", query.with { $0.refresh = Self.usualRefresh }.reference)
      html += ">Reload every "
      html.digits(Self.usualRefresh)
      html += " s</a>"
    }
    html += "</li>\n</ul></nav>\n</header>\n"
  }

  /// In seconds; a scan a minute is seen under way.
  private static let usualRefresh = 10
}

// MARK: - What several parts write

extension StatusPage {
  /// Writes how long ago something was and when.
  func writeSince(_ ago: Duration, to html: inout HTML) {
    let time = overview.wording.time(ago)
    html += "<time"
    html.attribute("datetime", time)
    html += ">"
    html.text(time)
    html += "</time> ("
    html.text(overview.wording.duration(ago))
    html += ")"
  }

  /// Likewise for a column: how long ago, and when for who points at it.
  func writeAge(_ ago: Duration, to html: inout HTML) {
    let time = overview.wording.time(ago)
    html += "<time"
    html.attribute("datetime", time)
    html.attribute("title", time)
    html += ">"
    html.text(overview.wording.duration(ago))
    html += " ago</time>"
  }

  /// Writes the shape of `mark`, which says nothing to who does not see it: a word stands beside it.
  func writeShape(_ mark: Mark, to html: inout HTML) {
    html += "<i class=\"mark "
    html += mark.word
    html += "\"></i>"
  }
}
