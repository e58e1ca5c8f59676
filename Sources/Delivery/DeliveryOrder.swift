import GatewayCore

/// What a gateway asks of the one that works a subscriber's lanes, as it goes through the journal.
struct DeliveryOrder: Codable, Sendable {
  enum Act: Codable, Sendable {
    case pause
    case resume
    case tellCursor
    case revive(lane: Int64, firsts: [Int64], replay: String)
    case forgetExpiredRange(lane: Int64)
    case expire(below: Int64, reason: String)
    case beginReplay(String)
    case pauseReplay(String)
    case resumeReplay(String)
    case cancelReplay(String)
  }

  var act: Act
  /// Nobody waits for it after this moment, in milliseconds since the epoch: then it is not done any more.
  var notAfter: Int64
}

/// What became of it.
struct DeliveryAnswer: Codable, Sendable {
  enum Failure: String, Codable, Sendable { case notFound, conflict, invalid, journal, unrecorded }

  var failure: Failure?
  /// Why it was not done.
  var sentence = ""
  var exceptions = 0
  var events = 0
  /// How far live delivery has come.
  var cursor: Int64?
  /// Whether the lane takes no more dead letters back.
  var isFull = false

  var outcome: LaneOutcome { LaneOutcome(exceptions: exceptions, events: events) }
}

extension DeliveryAnswer {
  init(_ error: ControlError) {
    switch error {
    case .notFound(let sentence): self.init(failure: .notFound, sentence: sentence)
    case .conflict(let sentence): self.init(failure: .conflict, sentence: sentence)
    case .invalid(let sentence): self.init(failure: .invalid, sentence: sentence)
    case .journal(let error): self.init(failure: .journal, sentence: error.description)
    case .unrecorded(let error): self.init(failure: .unrecorded, sentence: error.description)
    }
  }

  /// Nil if it was done.
  var error: ControlError? {
    switch failure {
    case nil: nil
    case .notFound: .notFound(sentence)
    case .conflict: .conflict(sentence)
    case .invalid: .invalid(sentence)
    case .journal: .journal(.unavailable(sentence))
    case .unrecorded: .unrecorded(.unavailable(sentence))
    }
  }
}
