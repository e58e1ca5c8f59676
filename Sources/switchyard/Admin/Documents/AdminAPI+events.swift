extension AdminAPI {
  struct EventStory: Decodable, Sendable {
    struct Event: Decodable, Sendable {
      struct Payload: Decodable, Sendable {
        var from: String?
        var to: String?
        var group: String?
        var account: String?
      }

      var id: String
      var type: String
      var time: String?
      var partitionkey: String?
      var data: Payload?
    }

    struct Callback: Decodable, Sendable {
      var id: String
      var command: String
      var sdkAppId: Int64
      var receivedAt: String
      var peer: String
      var requestId: String?
      var traceparent: String?
      /// How many events it became.
      var events: Int
      var sequence: Int
      var checks: [Check]?
    }

    struct Check: Decodable, Sendable {
      var name: String
      var result: String
    }

    var event: Event
    var callback: Callback
    var subscribers: [DeliveryStory]
  }

  /// What became of an event at one subscriber, or in one replay to it.
  struct DeliveryStory: Decodable, Sendable {
    var subscriber: String
    var replay: String?
    var state: String
    var reason: String?
    var dueAt: String?
    var deadLetter: String?
    var attempts: [Attempt]
  }

  struct Attempt: Decodable, Sendable {
    struct Response: Decodable, Sendable {
      var body: String
      var isCut: Bool
    }

    var at: String
    var subscriber: String
    var attempt: Int
    var outcome: String
    var status: Int?
    var durationSeconds: Double
    var error: String?
    var events: Int
    var eventId: String?
    var type: String?
    var replay: String?
    var response: Response?
  }
}
