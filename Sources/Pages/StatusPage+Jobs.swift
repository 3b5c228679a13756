internal import Addressing

/// The jobs: how many targets of each are in which state, and its scans.
extension StatusPage {
  func writeJobs(to html: inout HTML) {
    if overview.jobs.count > 1 { writeJobChoice(to: &html) }
    for position in shownJobs {
      let job = overview.jobs[position]
      html += "<section class=\"job\" id=\"job-"
      html.digits(position + 1)
      html += "\" aria-labelledby=\"job-"
      html.digits(position + 1)
      html += "-name\">\n<h2 id=\"job-"
      html.digits(position + 1)
      html += "-name\">Job <strong>"
      html.text(job.name)
      html += "</strong></h2>\n"
      writeCounts(of: job, to: &html)
      writeScans(of: job, to: &html)
      writeMaps(of: position, to: &html)
      html += "</section>\n"
    }
  }

  private func writeJobChoice(to html: inout HTML) {
    html += "<nav class=\"choice\" aria-label=\"Jobs\"><ul>\n"
    // Of many jobs the choice is a list on the page of all.
    let names: [String?] = [nil] + (hasManyJobs ? [query.job] : overview.jobs.map(\.name))
    for name in names {
      html += "<li><a"
      html.attribute("href", reference(toJob: name))
      if name == self.query.job { html += " aria-current=\"true\"" }
      html += ">"
      if let name { html.text(name) } else { html += "All jobs" }
      html += "</a></li>\n"
    }
    html += "</ul></nav>\n"
  }

  private func writeCounts(of job: JobView, to html: inout HTML) {
    let counts = MarkCounts(job)
    html += "<ul class=\"counts\">\n"
    writeCount(counts.up, .up, of: job, .up, to: &html)
    writeCount(counts[.silent], .silent, of: job, .silent, to: &html)
    if counts[.held] > 0 { writeCount(counts[.held], .held, of: job, .held, to: &html) }
    let duplicates = job.targets.count { $0.duplicateOf != nil }
    if duplicates > 0 { writeCount(duplicates, .duplicate, of: job, .duplicate, to: &html) }
    if counts[.refused] > 0 {
      html += "<li>"
      writeShape(.refused, to: &html)
      html += "<a href=\"#refused\"><strong>"
      html.number(counts[.refused])
      html += "</strong> refused</a>"
      writeVerdicts(of: job, to: &html)
      html += "</li>\n"
    }
    html += "</ul>\n"
  }

  private func writeCount(
    _ count: Int, _ mark: Mark, of job: JobView, _ filter: StateFilter, to html: inout HTML
  ) {
    html += "<li>"
    writeShape(mark, to: &html)
    html += "<a"
    let query = PageQuery("").with {
      $0.job = overview.jobs.count > 1 ? job.name : nil
      $0.state = filter
      $0.refresh = self.query.refresh
    }
    html.attribute("href", query.reference + "#targets")
    html += "><strong>"
    html.number(count)
    html += "</strong> "
    html += mark.word
    if mark == .duplicate, count != 1 { html += "s" }
    html += "</a></li>\n"
  }

  /// Writes how many are refused for what, most first.
  private func writeVerdicts(of job: JobView, to html: inout HTML) {
    let numbers = Dictionary(job.refused.map { ($0.verdictText, 1) }, uniquingKeysWith: +)
    let ordered = numbers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard !ordered.isEmpty else { return }
    html += " <span class=\"quiet\">("
    for (position, (verdict, number)) in ordered.prefix(Self.mostVerdicts).enumerated() {
      if position > 0 { html += ", " }
      html.number(number)
      html += " "
      html.text(verdict, limit: 64)
    }
    if ordered.count > Self.mostVerdicts { html += ", …" }
    if job.moreRefused > 0 { html += ", and others" }
    html += ")</span>"
  }

  /// More than there are words for verdicts.
  private static let mostVerdicts = 16
}

// MARK: - Scans

extension StatusPage {
  private func writeScans(of job: JobView, to html: inout HTML) {
    html += "<dl class=\"facts\">\n<div><dt>Scans</dt><dd>"
    html.number(job.addresses.count)
    html += job.addresses.count == 1 ? " address, every " : " addresses, every "
    html.text(overview.wording.duration(job.interval))
    html += "</dd></div>\n<div><dt>Last scan</dt><dd>"
    if let scan = job.lastScan { write(scan, to: &html) } else { html += "none yet" }
    html += "</dd></div>\n"
    if let progress = job.progress {
      html += "<div><dt>This scan</dt><dd>"
      write(progress, to: &html)
    } else {
      html += "<div><dt>Next scan</dt><dd>"
      if job.nextScan > .zero {
        html += "in "
        html.text(overview.wording.duration(job.nextScan))
      } else {
        html += "due now"
      }
    }
    html += "</dd></div>\n</dl>\n"
  }

  func write(_ scan: LastScan, to html: inout HTML) {
    if !scan.isComplete { html += "<strong class=\"alarm\">incomplete</strong>: " }
    html.text(scan.sentence)
    html += "<span class=\"quiet\">; ended "
    html.text(overview.wording.duration(scan.endedAgo))
    html += " ago, took "
    html.text(overview.wording.duration(scan.duration))
    html += "</span>"
  }

  private func write(_ progress: ScanProgress, to html: inout HTML) {
    let done = min(progress.done, progress.total)
    html += "<progress aria-label=\"Scan under way\" max=\""
    html.digits(max(progress.total, 1))
    html += "\" value=\""
    html.digits(done)
    html += "\"></progress> "
    html.number(done)
    html += " of "
    html.number(progress.total)
    html += progress.total == 1 ? " endpoint" : " endpoints"
    guard progress.total > 0 else { return }
    html += " <span class=\"quiet\">"
    html.digits(Int(Double(done) / Double(progress.total) * 100))
    html += " %"
    let seconds = progress.elapsed / .seconds(1)
    if done > 0, seconds > 0 {
      let rate = Double(done) / seconds
      html += ", "
      html.number(Int(min(rate.rounded(), 1e15)))
      html += " a second"
      if done < progress.total {
        html += ", about "
        // More than some years is nobody's time left; a `Duration` has its limits.
        let left = min(Double(progress.total - done) / rate, 1e9)
        html.text(overview.wording.duration(.seconds(Int64(left.rounded(.up)))))
        html += " left"
      }
    }
    html += "</span>"
  }
}

extension RefusedView {
  /// The verdict as people write it: `other_exporter` is `other exporter`.
  var verdictText: String {
    String(decoding: verdict.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }
}
