import Testing

@testable import Exposition

@Suite struct MetricFamilyTests {
  private func text(_ family: MetricFamily) -> String { String(decoding: family.exposition, as: UTF8.self) }

  @Test func writesAValue() {
    #expect(
      text(MetricFamily("a_total", .counter, "How many.", 3))
        == "# HELP a_total How many.\n# TYPE a_total counter\na_total 3\n")
  }

  @Test func isNothingWithoutAValue() { #expect(MetricFamily("a", .gauge, "b").exposition.isEmpty) }

  @Test func escapesLabelsAndHelp() {
    var family = MetricFamily("a", .gauge, "back\\slash \"quoted\"\nsecond line")
    family.add(0.5, [("job", "a\"b\\c\nd"), ("state", "up")])
    #expect(
      text(family) == """
        # HELP a back\\\\slash "quoted"\\nsecond line
        # TYPE a gauge
        a{job="a\\"b\\\\c\\nd",state="up"} 0.5

        """)
  }

  @Test(arguments: [
    (0.0, "0"), (-1, "-1"), (1.5, "1.5"), (1e15, "1000000000000000"), (1e-7, "1e-07"), (.infinity, "+Inf"),
    (-.infinity, "-Inf"), (.nan, "NaN"), (1_764_000_000.25, "1764000000.25"),
  ])
  func writesNumbers(value: Double, expected: String) {
    #expect(text(MetricFamily("a", .gauge, "b", value)).hasSuffix("\na \(expected)\n"))
  }

  @Test func countsIntoBuckets() {
    var histogram = Histogram()
    for milliseconds in [50, 100, 101, 4_000, 5_000_000] { histogram.observe(.milliseconds(milliseconds)) }
    var family = MetricFamily("a_seconds", .histogram, "b")
    family.add(histogram, [("job", "node")])
    let lines = text(family).split(separator: "\n")
    #expect(lines.contains("a_seconds_bucket{job=\"node\",le=\"0.1\"} 2"))
    #expect(lines.contains("a_seconds_bucket{job=\"node\",le=\"0.25\"} 3"))
    #expect(lines.contains("a_seconds_bucket{job=\"node\",le=\"5\"} 4"))
    #expect(lines.contains("a_seconds_bucket{job=\"node\",le=\"3600\"} 4"))
    #expect(lines.contains("a_seconds_bucket{job=\"node\",le=\"+Inf\"} 5"))
    #expect(lines.contains("a_seconds_count{job=\"node\"} 5"))
    #expect(lines.contains("a_seconds_sum{job=\"node\"} 5004.251"))
  }

  @Test func isReadByOurOwnReader() {
    var family = MetricFamily("a", .gauge, "b")
    family.add(7, [("job", "x\"\\\ny")])
    let sample = Sample(line: text(family).split(separator: "\n").last!.utf8)
    #expect(sample?.labels == ["job": "x\"\\\ny"])
    #expect(sample?.value == 7)
  }
}
