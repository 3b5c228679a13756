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
    (.other(.unauthorized(.sent)), "does not accept the job's credentials (HTTP status 401)"),
    (.other(.plainHTTP(nil)), "speaks plain HTTP"),
    (.other(.plainHTTP(.scheme)), "speaks plain HTTP, and the job says 'scheme: https'"),
    (
      .other(.plainHTTP(.credentials)),
      "speaks plain HTTP, and the job has credentials; write 'scheme: http' if that is meant"
    ),
    (
      .other(.plainHTTP(.verification)),
      "speaks plain HTTP, and the job verifies certificates; write 'scheme: http' without 'tls_config' if that is meant"
    ),
    (
      .other(.plainHTTP(.past)),
      "speaks plain HTTP, and spoke TLS before; if that is meant, forget it"
    ),
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
    (.unfinished(.overloaded), "accepted the connection, but this machine was too busy to hear an answer in time"),
    (.unfinished(.unheard), "accepted the connection, but nothing that was sent on it arrived in time"),
    (.unfinished(.closed), "accepted the connection and closed it without an answer"),
    (.unfinished(.reset), "accepted the connection and reset it"),
    (.unfinished(.cutShort), "closed the connection within its answer"),
    (.unfinished(.notHTTP), "does not speak HTTP"),
    (.unfinished(.notTLS), "does not speak TLS"),
    (.unfinished(.headTooLarge), "answers with a head of more than 16384 bytes"),
    (.unfinished(.endless), "sends bytes without an end"),
    (
      .unfinished(.handshakeTooLarge),
      "sends more than 65536 bytes, or 8192 while others wait, before the TLS handshake is complete; no more is read"
    ),
    (
      .other(.brokenOff(.tooManyPieces)),
      "began to answer, then: answers in more pieces than are read (32768, or 4096 while others wait)"
    ),
    (
      .other(.brokenOff(.tooCostly)),
      "began to answer, then: takes more processor time than is spent on it (500 ms, or 62 ms while others wait)"
    ),
    (.unfinished(.failed(errno: 113)), "connection failed (No route to host)"),
  ] as [(Verdict, String)])
func eachVerdictIsASentence(verdict: Verdict, sentence: String) {
  #expect("\(verdict)" == sentence)
}

private let node = Identity(exporter: "node_exporter")

/// By what verdicts are counted, and which are of endpoints that accept a connection and speak no HTTP.
@Test(
  arguments: [
    (.exporter(node), "exporter", false), (.busy(status: 503), "busy", false),
    (.other(.otherExporter(node)), "other_exporter", false), (.other(.unknown), "unknown", false),
    (.other(.unauthorized(.none)), "unauthorized", false), (.other(.unauthorized(.sent)), "unauthorized", false),
    (.other(.plainHTTP(nil)), "plain_http", false), (.other(.plainHTTP(.past)), "plain_http", false),
    (.other(.speaksTLS), "tls", false),
    (.other(.untrusted("x")), "tls", false), (.other(.handshakeRefused("x")), "tls", false),
    (.other(.redirect(status: 302)), "no_exposition", false), (.other(.status(404)), "no_exposition", false),
    (.other(.notAnExposition(contentType: nil)), "no_exposition", false),
    (.other(.noSamples), "no_exposition", false), (.other(.brokenOff(.timedOut)), "no_exposition", false),
    (.other(.encoded("gzip")), "no_exposition", false), (.unfinished(.timedOut), "mute", true),
    (.unfinished(.closed), "mute", true), (.unfinished(.reset), "mute", true), (.unfinished(.cutShort), "mute", true),
    (.unfinished(.notHTTP), "mute", true), (.unfinished(.notTLS), "mute", true), (.unfinished(.endless), "mute", true),
    (.unfinished(.headTooLarge), "no_answer", false), (.unfinished(.failed(errno: 113)), "no_answer", false),
    (.unfinished(.unheard), "no_answer", false), (.unfinished(.overloaded), "no_answer", false),
    (.unfinished(.handshakeTooLarge), "no_answer", false), (.unfinished(.tooManyPieces), "no_answer", false),
    (.unfinished(.tooCostly), "no_answer", false), (.other(.brokenOff(.tooCostly)), "no_exposition", false),
    (.printer(.lpd), "printer", false), (.printer(.ipp(server: nil)), "printer", false),
  ] as [(Verdict, String, Bool)])
func eachVerdictHasAKind(verdict: Verdict, kind: String, isMute: Bool) {
  #expect(verdict.kind == kind)
  #expect(kind == "exporter" || Verdict.otherKinds.contains(kind))
  #expect(verdict.isMute == isMute)
}

@Suite struct Suspicions {
  @Test(arguments: ["CUPS/2.4 IPP/2.1", "CUPS/1.7 IPP/2.1", "CUPS/"])
  func whatCallsItselfCUPSIsAComputer(server: String) {
    #expect(Suspicion.judging(Prober.Answer(verdicts: [.other(.status(404))], server: server)) == nil)
  }

  @Test(arguments: [
    nil, "", "CUPS", "cups/2.4", " CUPS/2.4", "HP HTTP Server; HP LaserJet", "Lexmark_Web_Server (CUPS/2.4)",
    "Mrvl-R2_0", "Virata-EmWeb/R6_2_1",
  ])
  func whateverElseAnswersIsASuspect(server: String?) {
    #expect(Suspicion.judging(Prober.Answer(verdicts: [.other(.status(404))], server: server)) == .ipp(server: server))
  }

  @Test(arguments: [
    Verdict.unfinished(.timedOut), .unfinished(.closed), .unfinished(.reset), .unfinished(.notHTTP),
    .unfinished(.cutShort), .unfinished(.unheard), .unfinished(.endless),
  ])
  func whatSpeaksNoHTTPThereSaysLess(verdict: Verdict) {
    #expect(Suspicion.judging(Prober.Answer(verdicts: [verdict], server: nil)) == .silentIPP)
    #expect(!Suspicion.silentIPP.isCertain)
    #expect(Suspicion.lpd.isCertain && Suspicion.ipp(server: nil).isCertain)
  }

  @Test func thePortsAreThoseOfPrinters() {
    let ports: [UInt16] = [
      9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107, 9108, 9109, 9112, 9113, 9114, 9115, 9116, 9999,
    ]
    #expect(Suspicion.ports == Set(ports))
    #expect((Suspicion.lpdPort, Suspicion.ippPort) == (515, 631))
  }
}
