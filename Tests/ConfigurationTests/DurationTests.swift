import Configuration
import Support
import Testing

@Test(
  arguments: [
    ("0", 0), ("0s", 0), ("0ms", 0), ("1ms", 1), ("300ms", 300), ("90s", 90_000), ("1m", 60_000),
    ("1h30m", 5_400_000), ("24h", 86_400_000), ("1d", 86_400_000), ("1w", 604_800_000),
    ("1y", 31_536_000_000), ("1y2w3d4h5m6s7ms", 33_019_506_007), ("007s", 7000), ("292y", 9_208_512_000_000),
    ("9223372036854ms", 9_223_372_036_854),
  ] as [(String, Int64)])
func parsesDurations(text: String, milliseconds: Int64) {
  #expect(Duration(prometheusText: text) == .milliseconds(milliseconds))
}

@Test(arguments: [
  "", " ", "1", "00", "s", "ms", "1 s", " 1s", "1s ", "-1s", "+1s", "1.5s", "1m1h", "1s1s", "1ms1s", "1S", "1us",
  "1ns", "1m30", "١s", "1s\0", "293y", "9223372036855ms", "292y52w", "9223372036854775807y",
  "9223372036854775808ms", "99999999999999999999y",
])
func refusesWhatIsNoDuration(text: String) {
  #expect(Duration(prometheusText: text) == nil)
}

@Test(
  arguments: [
    (0, "0s"), (1, "1ms"), (300, "300ms"), (1000, "1s"), (1001, "1s1ms"), (60_000, "1m"), (5_400_000, "1h30m"),
    (86_400_000, "1d"), (604_800_000, "1w"), (691_200_000, "8d"), (31_536_000_000, "1y"),
    (31_536_000_001, "365d1ms"), (7_776_000_000, "90d"), (-1500, "-1s500ms"),
  ] as [(Int64, String)])
func writesDurations(milliseconds: Int64, text: String) {
  #expect(Duration.milliseconds(milliseconds).prometheusText == text)
}

@Test func cutsDurationsToMilliseconds() {
  #expect(Duration.nanoseconds(1_999_999).prometheusText == "1ms")
  #expect(Duration.nanoseconds(999_999).prometheusText == "0s")
  #expect(Duration.nanoseconds(-999_999).prometheusText == "0s")
}

@Test(arguments: [Int64.max, .min])
func writesTheLongestDurations(seconds: Int64) {
  #expect(Duration.seconds(seconds).prometheusText.contains("d"))
}

@Test func whatIsWrittenIsReadTheSame() {
  var generator = SplitMix(seed: 3)
  for _ in 0..<2000 {
    let bits = Int64.random(in: 0..<43, using: &generator)
    let duration = Duration.milliseconds(Int64.random(in: 0...(1 << bits), using: &generator))
    #expect(Duration(prometheusText: duration.prometheusText) == duration)
  }
}
