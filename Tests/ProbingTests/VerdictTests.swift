import Exporters
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
    (.other(.unauthorized(.none)), "wants credentials (HTTP status 401)"),
    (.other(.redirect(status: 302)), "redirects elsewhere (HTTP status 302)"),
    (.other(.status(404)), "answers with HTTP status 404"),
    (.other(.speaksTLS), "speaks TLS"),
    (.other(.notAnExposition(contentType: "text/html")), "answers with 'text/html', not with an exposition"),
    (.other(.notAnExposition(contentType: nil)), "answers without a content type, not with an exposition"),
    (.other(.encoded("gzip")), "answers with an encoding nobody asked for, 'gzip'"),
    (
      .other(.otherExporter(Identity(exporter: "redis_exporter", version: "1.6"))),
      "is redis_exporter 1.6, which the job does not look for"
    ),
    (.other(.unknown), "answers with an exposition of something unknown"),
    (.other(.untrusted("it is expired")), "has a certificate that is not accepted: it is expired"),
    (.other(.handshakeRefused("unknown ca")), "refuses the TLS handshake: unknown ca"),
    (.other(.noSamples), "answers with a text that is no exposition"),
    (.other(.brokenOff(.timedOut)), "began to answer, but did not come to an end in time"),
    (.other(.brokenOff(.cutShort)), "began to answer, then: closed the connection within its answer"),
    (.printer(.lpd), "may be a printer: it accepts connections on port 515 (LPD)"),
    (.printer(.ipp(server: nil)), "may be a printer: something answers on port 631 (IPP)"),
    (.printer(.silentIPP), "may be a printer: it accepts connections on port 631 (IPP)"),
    (.printer(.ipp(server: "HP HTTP Server")), "may be a printer: 'HP HTTP Server' answers on port 631 (IPP)"),
    (.unfinished(.timedOut), "accepted the connection, but no whole answer came in time"),
    (.unfinished(.closed), "accepted the connection and closed it without an answer"),
    (.unfinished(.reset), "accepted the connection and reset it"),
    (.unfinished(.cutShort), "closed the connection within its answer"),
    (.unfinished(.notHTTP), "does not speak HTTP"),
    (.unfinished(.notTLS), "does not speak TLS"),
    (.unfinished(.headTooLarge), "answers with a head of more than 16384 bytes"),
    (.unfinished(.endless), "sends bytes without an end"),
    (.unfinished(.failed(errno: 113)), "connection failed (No route to host)"),
  ] as [(Verdict, String)])
func eachVerdictIsASentence(verdict: Verdict, sentence: String) {
  #expect("\(verdict)" == sentence)
}
