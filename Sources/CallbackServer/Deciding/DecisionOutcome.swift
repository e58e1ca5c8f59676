import GatewayCore

/// How a question to a decider ended, by the one word that metrics and logs use: as an attempt at a delivery does, or
/// one of three more.
enum DecisionOutcome: Hashable, Sendable, CaseIterable {
  case attempt(AttemptOutcome)
  /// An answer of 2xx came that cannot be passed on.
  case invalidAnswer
  /// As many questions were open as may be.
  case overloaded
  /// The decider cannot be asked by the routes in force.
  case misconfigured

  static var allCases: [DecisionOutcome] {
    AttemptOutcome.allCases.map(DecisionOutcome.attempt) + [.invalidAnswer, .overloaded, .misconfigured]
  }

  var word: String {
    switch self {
    case .attempt(let outcome): outcome.rawValue
    case .invalidAnswer: "invalid_answer"
    case .overloaded: "overloaded"
    case .misconfigured: "misconfigured"
    }
  }
}
