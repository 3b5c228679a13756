import Exporters
import Testing

private let node = #"node_exporter_build_info{version="1.9.0"} 1"#
private let squid = #"squid_exporter_build_info{version="1.12.0"} 1"#
private let proxy = #"haproxy_exporter_build_info{version="0.15.0"} 1"#

private func recognise(_ lines: String..., wanting wanted: [String] = []) -> Identity? {
  recognise(lines.map { Array($0.utf8)[...] }, wanting: wanted)
}

@Test(arguments: [
  (["node_exporter"], "node_exporter"), (["squid_exporter"], "squid_exporter"),
  (["squid_exporter", "node_exporter"], "squid_exporter"), (["node_exporter", "squid_exporter"], "node_exporter"),
  // None of the proven is wanted: the first by name.
  ([], "haproxy_exporter"), (["mysqld_exporter"], "haproxy_exporter"), (["no_such_exporter"], "haproxy_exporter"),
  (["mysqld_exporter", "squid_exporter"], "squid_exporter"),
])
func ofSeveralTheOneWantedMostCounts(wanted: [String], exporter: String) {
  #expect(recognise(node, squid, proxy, wanting: wanted)?.exporter == exporter)
  #expect(recognise(proxy, squid, node, wanting: wanted)?.exporter == exporter)
}

@Test func eachKeepsItsOwnVersion() {
  #expect(recognise(node, squid, wanting: ["node_exporter"])?.version == "1.9.0")
  #expect(recognise(node, squid, wanting: ["squid_exporter"])?.version == "1.12.0")
}

@Test(arguments: [
  "# HELP node_exporter_build_info A metric", "# TYPE node_exporter_build_info gauge",
  "#node_exporter_build_info 1", #"  # node_exporter_build_info{version="1.9.0"} 1"#, "#",
])
func aCommentProvesNothing(line: String) {
  #expect(recognise(line) == nil)
  #expect(recognise(line, "up 1")?.exporter == Identity.unknownName)
}

@Test(arguments: [
  "node_exporter_build_info", "node_exporter_build_info{} one", "node_exporter_build_info{version} 1",
  "node_exporter_build_info2 1", "my_node_exporter_build_info 1", "node_exporter_build_info:sum 1",
  #"other{family="node_exporter_build_info"} 1"#,
  // Prometheus does not read it either.
  "node_exporter_build_info 1\r",
])
func whatIsNoSampleOfTheFamilyProvesNothing(line: String) {
  #expect(recognise("up 1", line)?.exporter == Identity.unknownName)
}

@Test(arguments: [
  "node_exporter_build_info 1", "node_exporter_build_info{} 1", "node_exporter_build_info\t1",
  "node_exporter_build_info NaN 1395066363000", #"node_exporter_build_info {branch="HEAD",} 0 "#,
])
func everyFormOfASampleProves(line: String) {
  #expect(recognise(line) == Identity(exporter: "node_exporter"))
  #expect(recognise("", "# comment", "\r", line, "")?.exporter == "node_exporter")
}

/// Not every text that a peer sends is fit to be shown.
@Test(arguments: ["", #"1.9\n0"#, "1.9\u{1B}[31m", "1.9\u{202E}", String(repeating: "9", count: 256)])
func aVersionThatCannotBeShownIsNone(version: String) {
  #expect(recognise("node_exporter_build_info{version=\"\(version)\"} 1") == Identity(exporter: "node_exporter"))
}

@Test func theFirstVersionThatCanBeShownCounts() {
  let lines = ["", "1.9.0", "1.8.0"].map { "node_exporter_build_info{version=\"\($0)\"} 1" }
  #expect(recognise(lines[0], lines[1], lines[2])?.version == "1.9.0")
}

@Test func aLineThatIsNotUTF8IsNoSample() {
  let line = Array("node_exporter_build_info{version=\"".utf8) + [0xFF] + Array("\"} 1".utf8)
  #expect(recognise([line[...], Array("up 1".utf8)[...]])?.exporter == nil)
  #expect(recognise([Array("up 1".utf8)[...], line[...]])?.exporter == Identity.unknownName)
}

@Test func anExpositionOfNobodyIsUnknown() {
  let start = "process_start_time_seconds 1.75e+09"
  #expect(recognise("go_goroutines 7", start) == Identity(exporter: Identity.unknownName, startTime: 1.75e9))
  #expect(recognise("# HELP up Up", "# TYPE up gauge", "up 1", wanting: ["node_exporter"])?.exporter == "unknown")
  #expect(recognise("up 1", "and what comes later does not matter")?.exporter == "unknown")
}

@Test(arguments: [
  [], [""], ["", ""], ["# HELP up Up"], ["OK"], ["<!DOCTYPE html>", "<html>node_exporter_build_info</html>"],
  ["Hello world"], ["Unauthorized", "up 1"], [#"{"status":"success","data":[]}"#], ["\u{0}\u{1}\u{2}"],
  ["404 page not found", "node_exporter 1"],
])
func aPageIsNothing(page: [String]) {
  #expect(recognise(page.map { Array($0.utf8)[...] }) == nil)
}

@Test(arguments: [("NaN", nil), ("+Inf", nil), ("soon", nil), ("1.75e+09", 1.75e9), ("0", 0), ("-1", -1)])
func aStartIsATimeThatCanBe(value: String, time: Double?) {
  #expect(recognise("up 1", "process_start_time_seconds \(value)")?.startTime == time)
}

@Test func namesTheFamilyThatProved() {
  var recognition = Recognition(Search(.builtIn, for: ["squid_exporter"]))
  #expect(recognition.firstProof == nil)
  for line in ["up 1", node, squid] { _ = recognition.read(Array(line.utf8)[...]) }
  #expect(recognition.firstProof == "node_exporter_build_info")
}

@Test func readsToTheEndIfNothingIsWanted() {
  var recognition = Recognition(Search(.builtIn, for: []))
  let lines = [node, "process_start_time_seconds 1", #"node_uname_info{nodename="db1"} 1"#, squid]
  let answers = lines.map { recognition.read(Array($0.utf8)[...]) }
  #expect(answers == [true, true, true, true])
}

@Test func stopsWhenTheOneWantedMostHasToldAll() {
  let lines = [node, squid, #"node_uname_info{nodename="db1"} 1"#, "process_start_time_seconds 1"]
  var recognition = Recognition(Search(.builtIn, for: ["node_exporter", "squid_exporter"]))
  let answers = lines.map { recognition.read(Array($0.utf8)[...]) }
  #expect(answers == [true, true, true, false])
}
