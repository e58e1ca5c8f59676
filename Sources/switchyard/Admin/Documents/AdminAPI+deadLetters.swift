extension AdminAPI {
  struct DeadLetter: Decodable, Sendable {
    var id: String
    var subscriber: String
    var replay: String?
    var state: String
    var events: Int
    var eventId: String?
    var type: String?
    var acceptedAt: String
    var endedAt: String
    var attempts: Int
    var error: String
  }

  struct DeadLetterStory: Decodable, Sendable {
    struct Header: Decodable, Sendable {
      var name: String
      var value: String
    }

    struct Request: Decodable, Sendable {
      var method: String
      var url: String
      var headers: [Header]
      var body: String
    }

    var deadLetter: DeadLetter
    var eventIds: [String]?
    var request: Request?
    var attempts: [Attempt]
  }

  /// Which dead letters; all that is given must hold.
  struct DeadLetterSelection: Encodable, Sendable {
    var ids: [String]?
    var subscriber: String?
    var from: String?
    var to: String?
    var error: String?
  }

  struct DeadLetterAction: Decodable, Sendable {
    var deadLetters: Int
    var events: Int
    var more: Bool
    var replay: String?
    var replays: [Replay]?
  }
}
