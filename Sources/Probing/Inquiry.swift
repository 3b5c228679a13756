package import Exporters

/// What is done with one endpoint in one scan, step by step: a state machine without a network.
///
/// Whoever drives it opens connections and says what came of each step; it says what the next one is. It ends after at
/// most one connection for each scheme and each of its request targets.
package struct Inquiry: Sendable {
  package struct Plan: Hashable, Sendable {
    /// Request targets, the most promising first; at least one.
    package var targets: [String]
    /// The one to begin with.
    package var scheme: Scheme
    /// Whether the answer may show that it is the other one.
    package var mayChangeScheme: Bool
    /// Why only TLS will do; nil where plain HTTP is as good. If there is a reason, the scheme is https and does not change.
    package var insistence: Insistence?
    /// Whether the address is to be examined before a byte is sent.
    package var isGuarded: Bool

    package init(
      targets: [String], scheme: Scheme, mayChangeScheme: Bool, insistence: Insistence? = nil, isGuarded: Bool
    ) {
      self.targets = targets
      self.scheme = scheme
      self.mayChangeScheme = mayChangeScheme
      self.insistence = insistence
      self.isGuarded = isGuarded
    }
  }

  /// What to do next.
  package enum Step: Hashable, Sendable {
    /// To find out whether the address is a printer's, and keep the connection meanwhile.
    case examine
    /// To ask these on the open connection, one after the other until one proves something.
    case ask([String], Scheme)
    /// To close the connection, and open another.
    case reconnect
    case conclude
  }

  private let plan: Plan
  private var scheme: Scheme
  private var left: ArraySlice<String>
  private var isExamined = false
  private var hasChangedScheme = false
  /// What is known by now, and over which scheme and for which target it was found; nil before the first answer.
  package private(set) var finding: Finding?

  package struct Finding: Hashable, Sendable {
    package var verdict: Verdict
    package var scheme: Scheme
    package var target: String
  }

  package init(_ plan: Plan) {
    self.plan = plan
    scheme = plan.scheme
    left = plan.targets[...]
  }

  /// A connection is open.
  package func opened() -> Step {
    plan.isGuarded && !isExamined ? .examine : .ask(Array(left), scheme)
  }

  /// The address was examined.
  package mutating func examined(_ suspicion: Suspicion?) -> Step {
    isExamined = true
    guard let suspicion else { return opened() }
    finding = Finding(verdict: .printer(suspicion), scheme: scheme, target: "")
    return .conclude
  }

  /// The targets were asked on one connection, as many as there are verdicts; at least one.
  package mutating func answered(_ verdicts: [Verdict]) -> Step {
    for (target, verdict) in zip(left, verdicts) {
      note(Finding(verdict: verdict.judged(by: plan.insistence), scheme: scheme, target: target))
    }
    left = left.dropFirst(verdicts.count)
    guard let last = verdicts.last else { return .conclude }
    if case .exporter = last { return .conclude }
    if mayBeTheOtherScheme(last) {
      hasChangedScheme = true
      scheme = scheme == .http ? .https : .http
      left = plan.targets[...]
      return .reconnect
    }
    return left.isEmpty || isHopeless(last) ? .conclude : .reconnect
  }

  /// Something that says more of the endpoint does not give way to something that says less.
  private mutating func note(_ new: Finding) {
    if let old = finding?.verdict {
      // Of two attempts that came to nothing the first is worth a word.
      guard old.weight <= new.verdict.weight, new.verdict.weight > 0 else { return }
    }
    finding = new
  }

  private func mayBeTheOtherScheme(_ verdict: Verdict) -> Bool {
    guard plan.mayChangeScheme, !hasChangedScheme else { return false }
    switch (scheme, verdict) {
    case (.http, .other(.speaksTLS)), (.https, .unfinished(.notTLS)), (.https, .other(.plainHTTP)): return true
    // Some TLS servers say nothing to what is no handshake, and some others nothing to one. Where a printer may listen, that is no reason to send it
    // another page.
    case (_, .unfinished(.closed)), (_, .unfinished(.reset)): return !plan.isGuarded
    default: return false
    }
  }

  /// Whether the same would happen on the next connection: what does not speak HTTP is asked once.
  private func isHopeless(_ verdict: Verdict) -> Bool {
    switch verdict {
    case .unfinished, .busy, .other(.untrusted), .other(.handshakeRefused), .other(.speaksTLS),
      .other(.plainHTTP), .other(.brokenOff(.tooManyPieces)), .other(.brokenOff(.tooCostly)):
      true
    case .exporter, .other, .printer: false
    }
  }
}

extension Verdict {
  /// This, with the reason why plain HTTP is no answer.
  fileprivate func judged(by insistence: Insistence?) -> Verdict {
    if case .other(.plainHTTP) = self { .other(.plainHTTP(insistence)) } else { self }
  }

  /// How much it says of what is there.
  fileprivate var weight: Int {
    switch self {
    case .exporter: 6
    case .other(.otherExporter): 5
    case .other(.unknown): 4
    case .busy, .other(.unauthorized), .other(.untrusted), .other(.handshakeRefused), .printer: 3
    case .other(.speaksTLS): 2
    // Where plain HTTP will do it is only how the endpoint is to be asked, and what comes of that says more.
    case .unfinished, .other(.plainHTTP(nil)): 0
    case .other: 1
    }
  }
}
