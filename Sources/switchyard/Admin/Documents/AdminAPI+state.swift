extension AdminAPI {
  struct Stats: Decodable, Sendable {
    struct Callbacks: Decodable, Sendable {
      var accepted: Int
      var duplicate: Int
      var rejected: Int
    }

    struct Events: Decodable, Sendable {
      var accepted: Int
    }

    struct Journal: Decodable, Sendable {
      var head: Int
      var sizeBytes: Int
      var freeBytes: Int
      var volumeBytes: Int
    }

    struct Routes: Decodable, Sendable {
      struct App: Decodable, Sendable {
        var sdkAppId: Int64
        var fingerprint: String
      }

      var fingerprint: String
      var loadedAt: String
      /// Nil, as the next, if the gateway is older than these.
      var apps: [App]?
      var decisionsFingerprint: String?
      var problems: [RoutesProblem]
    }

    /// The last minutes.
    struct Recent: Decodable, Sendable {
      var windowSeconds: Double
      var callbacksPerSecond: Double
      var eventsPerSecond: Double
      var deliveredPerSecond: Double
      var acknowledgedP50Seconds: Double?
      var acknowledgedP99Seconds: Double?
    }

    var version: String
    var startedAt: String
    var callbacks: Callbacks
    var events: Events
    var journal: Journal
    var routes: Routes
    var recent: Recent?
    var subscribers: [Subscriber]
  }

  struct Subscriber: Decodable, Sendable {
    struct Recent: Decodable, Sendable {
      var windowSeconds: Double
      var successRate: Double?
      var attemptP50Seconds: Double?
      var attemptP99Seconds: Double?
      var deliveredPerSecond: Double
    }

    var name: String
    var url: String?
    var owner: String?
    var fingerprint: String?
    var state: String
    var reason: String?
    var backlogEvents: Int
    var oldestUndelivered: String?
    var retriesWaiting: Int
    var deadLetters: Int
    var inFlight: Int
    var delivered: Int
    var dead: Int
    var expired: Int
    var recent: Recent?
  }

  /// No longer in the routes file, and not yet forgotten.
  struct RemovedSubscriber: Decodable, Sendable {
    var name: String
    var behindEvents: Int
    var deadLetters: Int
    var forgetAt: String?
  }
}
