import Testing

@testable import Probing

@Test(
  arguments: [
    (.exporter(Identity(exporter: "node_exporter")), "node_exporter"),
    (.exporter(Identity(exporter: "node_exporter", version: "1.5.0")), "node_exporter 1.5.0"),
    (.exporter(Identity(exporter: "node_exporter", nodename: "web-01")), "node_exporter web-01"),
    (
      .exporter(Identity(exporter: "node_exporter", version: "1.5.0", nodename: "web-01")), "node_exporter 1.5.0 web-01"
    ),
    (.busy(status: 429), "busy (HTTP status 429)"),
    (.busy(status: 503), "busy (HTTP status 503)"),
    (.other(.unauthorized), "wants credentials (HTTP status 401)"),
    (.other(.redirect(status: 302)), "redirects elsewhere (HTTP status 302)"),
    (.other(.status(404)), "answers with HTTP status 404"),
    (.other(.speaksTLS), "speaks TLS"),
    (.other(.notAnExposition(contentType: "text/html")), "answers with 'text/html', not with an exposition"),
    (.other(.notAnExposition(contentType: nil)), "answers without a content type, not with an exposition"),
    (.other(.encoded("gzip")), "answers with an encoding nobody asked for, 'gzip'"),
    (.other(.noProof(of: "node_exporter")), "answers with an exposition, but not node_exporter's"),
    (.unfinished(.timedOut), "accepted the connection, but no whole answer came in time"),
    (.unfinished(.closed), "accepted the connection and closed it without an answer"),
    (.unfinished(.reset), "accepted the connection and reset it"),
    (.unfinished(.notHTTP), "does not speak HTTP"),
    (.unfinished(.headTooLarge), "answers with a head of more than 16384 bytes"),
    (.unfinished(.endless), "sends bytes without an end"),
    (.unfinished(.failed(errno: 113)), "connection failed (No route to host)"),
  ] as [(Verdict, String)])
func eachVerdictIsASentence(verdict: Verdict, sentence: String) {
  #expect("\(verdict)" == sentence)
}

@Test func theCatalogueIsInOrder() {
  #expect(Exporter.catalogue.map(\.name) == ["node_exporter"])
  #expect(Exporter.node.defaultPorts == [9100])
}
