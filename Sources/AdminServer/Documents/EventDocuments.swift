import GatewayCore

/// The body of a search.
struct EventsDocument: Encodable {
  let events: [EventSummaryDocument]
  let cursor: String?

  init(_ page: EventPage) {
    events = page.events.map(EventSummaryDocument.init)
    cursor = page.next?.description
  }
}

struct EventSummaryDocument: Encodable {
  let id: String
  let type: String
  let command: String
  let sdkAppId: Int64
  let receivedAt: String
  let time: String
  let from: String?
  let to: String?
  let group: String?
  let account: String?

  init(_ event: EventSummary) {
    id = event.id.description
    type = event.kind.type.full
    command = event.kind.command
    sdkAppId = event.kind.app.rawValue
    receivedAt = event.receivedAt.description
    time = event.time
    from = event.values[.from]
    to = event.values[.to]
    group = event.values[.group]
    account = event.values[.account]
  }
}

/// An event's story, but for the event itself, whose bytes go into it as they are.
struct EventStoryDocument: Encodable {
  let callback: CallbackDocument
  let subscribers: [DeliveryStoryDocument]

  init(_ story: EventStory) {
    callback = CallbackDocument(story)
    subscribers = story.deliveries.map(DeliveryStoryDocument.init)
  }

  struct CallbackDocument: Encodable {
    let id: String
    let command: String
    let sdkAppId: Int64
    let receivedAt: String
    let peer: String
    let requestId: String?
    let traceparent: String?
    let events: Int
    let sequence: Int64
    let checks: [Check]

    init(_ story: EventStory) {
      let batch = story.batch
      id = batch.id.description
      command = batch.kind.command
      sdkAppId = batch.kind.app.rawValue
      receivedAt = batch.receivedAt.description
      peer = batch.record.peer
      requestId = batch.requestID
      traceparent = batch.record.traceparent
      events = batch.eventCount
      sequence = story.sequence.rawValue
      checks = Check.passed(by: batch)
    }
  }

  /// What a callback had to pass to be in the journal.
  struct Check: Encodable {
    let name: String
    let result: String

    static func passed(by batch: any DerivedBatch) -> [Check] {
      [
        Check(name: "app", result: "\(batch.kind.app) was in the routes file"),
        Check(name: "address", result: "\(batch.record.peer) was let in"),
        Check(name: "sign", result: "right, if the app had tokens; it is not kept"),
        Check(name: "body", result: "\(batch.record.body.count) bytes, one JSON object"),
        Check(name: "journal", result: "on disk before it was answered"),
      ]
    }
  }
}

struct DeliveryStoryDocument: Encodable {
  let subscriber: String
  let replay: String?
  let state: String
  let reason: String?
  let dueAt: String?
  let deadLetter: String?
  let attempts: [AttemptDocument]

  init(_ story: DeliveryStory) {
    subscriber = story.subscriber
    replay = story.replay?.description
    state = story.state.rawValue
    reason = story.reason
    dueAt = story.dueAt?.description
    deadLetter = story.deadLetter?.description
    attempts = story.attempts.map { AttemptDocument($0, subscriber: story.subscriber) }
  }
}

/// One attempt, in a story or in the tail.
struct AttemptDocument: Encodable {
  let at: String
  let subscriber: String
  let attempt: Int
  let outcome: String
  let status: Int?
  let durationSeconds: Double
  let error: String?
  let events: Int
  let eventId: String?
  let type: String?
  let replay: String?
  let response: ResponseDocument?

  init(_ record: AttemptRecord, subscriber: String, event: EventID? = nil, kind: EventKind? = nil) {
    at = record.at.description
    self.subscriber = subscriber
    attempt = record.attempt
    outcome = record.outcome.rawValue
    status = record.status
    durationSeconds = record.duration.inSeconds
    error = record.error
    events = record.eventCount
    eventId = event?.description
    type = kind?.type.full
    replay = record.replay?.description
    response = record.answer.map(ResponseDocument.init)
  }

  struct ResponseDocument: Encodable {
    let body: String
    let isCut: Bool

    init(_ answer: AttemptResult.Answer) {
      body = String(decoding: answer.body, as: UTF8.self)
      isCut = answer.isCut
    }
  }
}
