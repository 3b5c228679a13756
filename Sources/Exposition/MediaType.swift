/// What a `Content-Type` says of a body.
package enum MediaType {
  /// Whether it announces an exposition that Prometheus reads: the text format, or OpenMetrics.
  ///
  /// `text/plain` without a version counts: Prometheus takes it, if only as a fallback since version 3.
  package static func isExposition(_ contentType: String) -> Bool {
    let essence = contentType.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
    return essence == "text/plain" || essence == "application/openmetrics-text"
  }
}
