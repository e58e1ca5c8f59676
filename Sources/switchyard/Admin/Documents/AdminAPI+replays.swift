extension AdminAPI {
  struct ReplayRequest: Encodable, Sendable {
    var subscriber: String
    var from: String
    var to: String?
    var events: [String]?
    var rateLimit: String?
  }

  struct ReplayPlan: Decodable, Sendable {
    var subscriber: String
    var from: String
    var to: String
    var totalEvents: Int
    var isExact: Bool
  }

  struct Replay: Decodable, Sendable {
    var id: String
    var subscriber: String
    var state: String
    var reason: String?
    var from: String
    var to: String
    var events: [String]?
    var rateLimit: String?
    var createdAt: String
    var endedAt: String?
    var totalEvents: Int
    var isExact: Bool
    var doneEvents: Int
    var waitingEvents: Int
    var deadLetters: Int

    /// Whether it is over.
    var hasEnded: Bool { state == "done" || state == "cancelled" }
  }
}
