import Exporters
import Support
import Testing

@testable import Probing

private let node = Verdict.exporter(Identity(exporter: "node_exporter"))
private let redis = Verdict.other(.otherExporter(Identity(exporter: "redis_exporter")))
private let page = Verdict.other(.status(404))
private let closed = Verdict.unfinished(.closed)
private let tls = Verdict.other(.speaksTLS)
private let notTLS = Verdict.unfinished(.notTLS)
private let plain = Verdict.other(.plainHTTP(nil))

/// What happens to an endpoint.
private enum Event: Sendable {
  case opened
  case examined(Suspicion?)
  case answers([Verdict])

  static func answered(_ verdicts: Verdict...) -> Event { .answers(verdicts) }
}

extension Inquiry {
  fileprivate mutating func hear(_ event: Event) -> Step {
    switch event {
    case .opened: opened()
    case .examined(let suspicion): examined(suspicion)
    case .answers(let verdicts): answered(verdicts)
    }
  }
}

/// Events, each with the step that follows, and what is known at the end.
private struct Course: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let plan: Inquiry.Plan
  let events: [(Event, Inquiry.Step)]
  let finding: Inquiry.Finding

  init(
    _ name: String, _ targets: [String] = ["/a"], _ scheme: Scheme = .http, mayChange: Bool = true,
    insists insistence: Insistence? = nil, isGuarded: Bool = false, hears events: [(Event, Inquiry.Step)],
    finds finding: (Verdict, Scheme, String)
  ) {
    testDescription = name
    plan = Inquiry.Plan(
      targets: targets, scheme: scheme, mayChangeScheme: mayChange && insistence == nil, insistence: insistence,
      isGuarded: isGuarded)
    self.events = events
    self.finding = Inquiry.Finding(verdict: finding.0, scheme: finding.1, target: finding.2)
  }
}

@Suite struct Inquiries {
  @Test(arguments: guardedCourses + schemeCourses + plainCourses + targetCourses)
  fileprivate func eachCourseComesToItsEnd(course: Course) {
    var inquiry = Inquiry(course.plan)
    #expect(inquiry.finding == nil)
    for (event, step) in course.events { #expect(inquiry.hear(event) == step) }
    #expect(course.events.last?.1 == .conclude)
    #expect(inquiry.finding == course.finding)
  }

  private static let guardedCourses: [Course] = [
    Course(
      "nothing to fear", hears: [(.opened, .ask(["/a"], .http)), (.answered(node), .conclude)],
      finds: (node, .http, "/a")),
    Course(
      "not a printer's address", isGuarded: true,
      hears: [(.opened, .examine), (.examined(nil), .ask(["/a"], .http)), (.answered(node), .conclude)],
      finds: (node, .http, "/a")),
    Course(
      "a printer's address", isGuarded: true, hears: [(.opened, .examine), (.examined(.lpd), .conclude)],
      finds: (.printer(.lpd), .http, "")),
    Course(
      "examined once for both schemes", isGuarded: true,
      hears: [
        (.opened, .examine), (.examined(nil), .ask(["/a"], .http)), (.answered(tls), .reconnect),
        (.opened, .ask(["/a"], .https)), (.answered(node), .conclude),
      ], finds: (node, .https, "/a")),
    Course(
      "no second page for what closed the first", isGuarded: true,
      hears: [(.opened, .examine), (.examined(nil), .ask(["/a"], .http)), (.answered(closed), .conclude)],
      finds: (closed, .http, "/a")),
    Course(
      "nor for what reset it", ["/a", "/b"], isGuarded: true,
      hears: [
        (.opened, .examine), (.examined(nil), .ask(["/a", "/b"], .http)), (.answered(.unfinished(.reset)), .conclude),
      ],
      finds: (.unfinished(.reset), .http, "/a")),
  ]

  private static let schemeCourses: [Course] = [
    Course(
      "TLS by its own word or an alert", ["/a", "/b"],
      hears: [
        (.opened, .ask(["/a", "/b"], .http)), (.answered(tls), .reconnect), (.opened, .ask(["/a", "/b"], .https)),
        (.answered(page, node), .conclude),
      ], finds: (node, .https, "/b")),
    Course(
      "TLS by a close",
      hears: [
        (.opened, .ask(["/a"], .http)), (.answered(closed), .reconnect), (.opened, .ask(["/a"], .https)),
        (.answered(node), .conclude),
      ], finds: (node, .https, "/a")),
    Course(
      "neither after a reset",
      hears: [
        (.opened, .ask(["/a"], .http)), (.answered(.unfinished(.reset)), .reconnect), (.opened, .ask(["/a"], .https)),
        (.answered(notTLS), .conclude),
      ], finds: (.unfinished(.reset), .http, "/a")),
    Course(
      "plain HTTP where TLS was spoken before", ["/a"], .https,
      hears: [
        (.opened, .ask(["/a"], .https)), (.answered(notTLS), .reconnect), (.opened, .ask(["/a"], .http)),
        (.answered(node), .conclude),
      ], finds: (node, .http, "/a")),
    Course(
      "not back to TLS", ["/a"], .https,
      hears: [
        (.opened, .ask(["/a"], .https)), (.answered(notTLS), .reconnect), (.opened, .ask(["/a"], .http)),
        (.answered(tls), .conclude),
      ], finds: (tls, .http, "/a")),
    Course(
      "no plain HTTP after a TLS that failed otherwise", ["/a"], .https,
      hears: [(.opened, .ask(["/a"], .https)), (.answered(.other(.untrusted("x"))), .conclude)],
      finds: (.other(.untrusted("x")), .https, "/a")),
    Course(
      "plain HTTP after a close", ["/a"], .https,
      hears: [
        (.opened, .ask(["/a"], .https)), (.answered(closed), .reconnect), (.opened, .ask(["/a"], .http)),
        (.answered(node), .conclude),
      ], finds: (node, .http, "/a")),
    Course(
      "no page after a close where a printer may listen", ["/a"], .https, isGuarded: true,
      hears: [(.opened, .examine), (.examined(nil), .ask(["/a"], .https)), (.answered(closed), .conclude)],
      finds: (closed, .https, "/a")),
    Course(
      "plain HTTP as it was told", mayChange: false,
      hears: [(.opened, .ask(["/a"], .http)), (.answered(tls), .conclude)],
      finds: (tls, .http, "/a")),
    Course(
      "plain HTTP as it was told, though it closes", mayChange: false,
      hears: [(.opened, .ask(["/a"], .http)), (.answered(closed), .conclude)], finds: (closed, .http, "/a")),
    Course(
      "TLS as it was told", ["/a"], .https, mayChange: false,
      hears: [(.opened, .ask(["/a"], .https)), (.answered(notTLS), .conclude)], finds: (notTLS, .https, "/a")),
  ]

  private static let plainCourses: [Course] =
    ([.scheme, .credentials, .verification, .past] as [Insistence]).map { insistence in
      Course(
        "plain HTTP is no answer: \(insistence)", ["/a", "/b"], .https, insists: insistence,
        hears: [(.opened, .ask(["/a", "/b"], .https)), (.answered(plain), .conclude)],
        finds: (.other(.plainHTTP(insistence)), .https, "/a"))
    } + [
      Course(
        "nor is it asked for after a close", ["/a"], .https, insists: .past,
        hears: [(.opened, .ask(["/a"], .https)), (.answered(closed), .conclude)], finds: (closed, .https, "/a")),
      Course(
        "nor after a reset", ["/a"], .https, insists: .credentials,
        hears: [(.opened, .ask(["/a"], .https)), (.answered(.unfinished(.reset)), .conclude)],
        finds: (.unfinished(.reset), .https, "/a")),
      Course(
        "plain HTTP by its own word", ["/a"], .https,
        hears: [
          (.opened, .ask(["/a"], .https)), (.answered(plain), .reconnect), (.opened, .ask(["/a"], .http)),
          (.answered(node), .conclude),
        ], finds: (node, .http, "/a")),
      Course(
        "what it is there says more", ["/a"], .https,
        hears: [
          (.opened, .ask(["/a"], .https)), (.answered(plain), .reconnect), (.opened, .ask(["/a"], .http)),
          (.answered(page), .conclude),
        ], finds: (page, .http, "/a")),
      Course(
        "TLS where plain HTTP was spoken before",
        hears: [
          (.opened, .ask(["/a"], .http)), (.answered(tls), .reconnect), (.opened, .ask(["/a"], .https)),
          (.answered(node), .conclude),
        ], finds: (node, .https, "/a")),
    ]

  private static let targetCourses: [Course] = [
    Course(
      "several on one connection", ["/a", "/b", "/c"],
      hears: [(.opened, .ask(["/a", "/b", "/c"], .http)), (.answered(page, page, node), .conclude)],
      finds: (node, .http, "/c")),
    Course(
      "each on one of its own", ["/a", "/b", "/c"],
      hears: [
        (.opened, .ask(["/a", "/b", "/c"], .http)), (.answered(page), .reconnect),
        (.opened, .ask(["/b", "/c"], .http)),
        (.answered(redis), .reconnect), (.opened, .ask(["/c"], .http)), (.answered(page), .conclude),
      ], finds: (redis, .http, "/b")),
    Course(
      "none after the proof", ["/a", "/b"],
      hears: [(.opened, .ask(["/a", "/b"], .http)), (.answered(node), .conclude)],
      finds: (node, .http, "/a")),
    Course(
      "what says more stays", ["/a", "/b", "/c"],
      hears: [
        (.opened, .ask(["/a", "/b", "/c"], .http)), (.answered(.other(.unknown), page, closed), .reconnect),
        (.opened, .ask(["/a", "/b", "/c"], .https)), (.answered(notTLS), .conclude),
      ], finds: (.other(.unknown), .http, "/a")),
    Course(
      "what says as much is the newer", ["/a", "/b"],
      hears: [(.opened, .ask(["/a", "/b"], .http)), (.answered(page, .other(.status(500))), .conclude)],
      finds: (.other(.status(500)), .http, "/b")),
    Course(
      "of nothing and nothing it is the first", ["/a", "/b"], mayChange: false,
      hears: [(.opened, .ask(["/a", "/b"], .http)), (.answered(.unfinished(.timedOut), closed), .conclude)],
      finds: (.unfinished(.timedOut), .http, "/a")),
    Course(
      "who is busy is not asked on", ["/a", "/b"],
      hears: [(.opened, .ask(["/a", "/b"], .http)), (.answered(.busy(status: 503)), .conclude)],
      finds: (.busy(status: 503), .http, "/a")),
    Course(
      "nor who does not end its answers in time", ["/a", "/b"],
      hears: [(.opened, .ask(["/a", "/b"], .http)), (.answered(.unfinished(.timedOut)), .conclude)],
      finds: (.unfinished(.timedOut), .http, "/a")),
    Course(
      "nor who refuses the handshake", ["/a", "/b"], .https,
      hears: [(.opened, .ask(["/a", "/b"], .https)), (.answered(.other(.handshakeRefused("x"))), .conclude)],
      finds: (.other(.handshakeRefused("x")), .https, "/a")),
    Course(
      "who wants credentials may give something else away", ["/a", "/b"],
      hears: [
        (.opened, .ask(["/a", "/b"], .http)), (.answered(.other(.unauthorized(.none))), .reconnect),
        (.opened, .ask(["/b"], .http)), (.answered(page), .conclude),
      ], finds: (.other(.unauthorized(.none)), .http, "/a")),
  ]

  private static let verdicts: [Verdict] = [
    node, redis, page, closed, tls, notTLS, plain, .busy(status: 503), .other(.unknown), .other(.unauthorized(.none)),
    .other(.untrusted("x")), .other(.handshakeRefused("x")), .other(.noSamples), .other(.brokenOff(.timedOut)),
    .unfinished(.reset), .unfinished(.timedOut), .unfinished(.cutShort), .unfinished(.notHTTP),
    .unfinished(.failed(errno: 5)),
  ]

  /// Whatever is answered, and on however many connections.
  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func endsAfterAConnectionForEachSchemeAndTarget(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let targets = (0..<Int.random(in: 1...6, using: &random)).map { "/\($0)" }
    let plan = Inquiry.Plan(
      targets: targets, scheme: Bool.random(using: &random) ? .http : .https, mayChangeScheme: .random(using: &random),
      isGuarded: .random(using: &random))
    var inquiry = Inquiry(plan)
    var (connections, examinations, schemes) = (1, 0, [plan.scheme])
    var step = inquiry.opened()
    while step != .conclude {
      switch step {
      case .examine:
        examinations += 1
        step = inquiry.examined(Int.random(in: 0..<10, using: &random) == 0 ? .lpd : nil)
      case .ask(let left, let scheme):
        if schemes.last != scheme { schemes.append(scheme) }
        try #require(!left.isEmpty && left == Array(targets.suffix(left.count)))
        step = inquiry.answered(
          (0..<Int.random(in: 1...left.count, using: &random)).map { _ in
            Self.verdicts.randomElement(using: &random) ?? page
          })
      case .reconnect:
        connections += 1
        try #require(connections <= 2 * targets.count)
        step = inquiry.opened()
      case .conclude: break
      }
    }
    #expect(examinations == (plan.isGuarded ? 1 : 0))
    #expect(schemes.count == 1 || plan.mayChangeScheme && schemes.count == 2)
    let finding = try #require(inquiry.finding)
    #expect(schemes.contains(finding.scheme))
    if case .printer = finding.verdict { #expect(plan.isGuarded) } else { #expect(targets.contains(finding.target)) }
  }
}
