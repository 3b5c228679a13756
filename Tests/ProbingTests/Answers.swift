/// What node_exporter 1.5 answers to the probe, shortened to what matters; the bodies are whole.
enum Answers {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  static let exposition = """
    # HELP go_info Information about the Go environment.
    # TYPE go_info gauge
    go_info{version="go1.19.8"} 1
    # HELP node_exporter_build_info A metric with a constant '1' value labeled by version, revision, branch, goversion \
    from which node_exporter was built, and the goos and goarch for the build.
    # TYPE node_exporter_build_info gauge
    node_exporter_build_info{branch="debian/sid",goarch="amd64",goos="linux",goversion="go1.19.8",\
    revision="1.5.0-1+b6",version="1.5.0"} 1
    # HELP node_scrape_collector_duration_seconds node_exporter: Duration of a collector scrape.
    # TYPE node_scrape_collector_duration_seconds gauge
    node_scrape_collector_duration_seconds{collector="uname"} 2.743e-05
    # HELP node_scrape_collector_success node_exporter: Whether a collector succeeded.
    # TYPE node_scrape_collector_success gauge
    node_scrape_collector_success{collector="uname"} 1
    # HELP node_uname_info Labeled system information as provided by the uname system call.
    # TYPE node_uname_info gauge
    node_uname_info{domainname="(none)",machine="x86_64",nodename="web-01",release="6.1.0-18-amd64",sysname="Linux",\
    version="#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)"} 1
    # HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
    # TYPE process_cpu_seconds_total counter
    process_cpu_seconds_total 0
    # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
    # TYPE process_start_time_seconds gauge
    process_start_time_seconds 1.79550311267e+09
    # HELP process_virtual_memory_bytes Virtual memory size in bytes.
    # TYPE process_virtual_memory_bytes gauge
    process_virtual_memory_bytes 7.38828288e+08

    """

  static let startTime = 1_795_503_112.67

  /// Where the collector was switched off by a flag, and where it is not built in.
  static let disabledCollector =
    "Couldn't create filtered metrics handler: couldn't create collector: disabled collector: uname"
  static let missingCollector =
    "Couldn't create filtered metrics handler: couldn't create collector: missing collector: uname"

  /// What Go's server says in plain text to a request on its TLS port.
  static let plainTextToTLS = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"

  static let head =
    "HTTP/1.1 200 OK\r\nContent-Type: \(contentType)\r\nDate: Mon, 23 Nov 2026 02:30:49 GMT\r\nConnection: close\r\n"

  /// As it comes: Go sends what has no length in chunks of 2 KiB, wherever a line is by then.
  static func chunked(_ body: String = exposition, by size: Int = 2_048) -> String {
    var text = head + "Transfer-Encoding: chunked\r\n\r\n"
    var rest = body.utf8[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(size)
      text += String(chunk.count, radix: 16) + "\r\n" + String(decoding: chunk, as: UTF8.self) + "\r\n"
      rest = rest.dropFirst(size)
    }
    return text + "0\r\n\r\n"
  }

  static let measured = head + "Content-Length: \(exposition.utf8.count)\r\n\r\n" + exposition

  /// Without a length the body ends with the connection.
  static let unmeasured = "HTTP/1.0 200 OK\r\nContent-Type: \(contentType)\r\n\r\n" + exposition

  static func whole(_ status: String, _ body: String) -> String {
    """
    HTTP/1.1 \(status)\r
    Content-Length: \(body.utf8.count)\r
    Content-Type: text/plain; charset=utf-8\r
    Connection: close\r
    \r
    \(body)
    """
  }
}
