import GatewayCore

struct DeadLettersDocument: Encodable {
  let deadLetters: [DeadLetterDocument]
  let cursor: String?

  init(_ page: DeadLetterPage) {
    deadLetters = page.deadLetters.map(DeadLetterDocument.init)
    cursor = page.last?.description
  }
}

struct DeadLetterDocument: Encodable {
  let id: String
  let subscriber: String
  let replay: String?
  let state: String
  let events: Int
  let eventId: String?
  let type: String?
  let acceptedAt: String
  let endedAt: String
  let attempts: Int
  let error: String

  init(_ letter: DeadLetter) {
    let exception = letter.exception
    id = letter.id.description
    subscriber = letter.subscriber
    replay = letter.replay?.description
    state = exception.state.rawValue
    events = exception.eventCount
    eventId = letter.event?.description
    type = letter.kind?.type.full
    acceptedAt = exception.acceptedAt.description
    endedAt = (exception.endedAt ?? exception.acceptedAt).description
    attempts = exception.attempts
    error = exception.lastError
  }
}

struct DeadLetterStoryDocument: Encodable {
  let deadLetter: DeadLetterDocument
  let eventIds: [String]
  let request: RequestDocument?
  let attempts: [AttemptDocument]

  init(_ story: DeadLetterStory) {
    deadLetter = DeadLetterDocument(story.deadLetter)
    eventIds = story.events.map(\.description)
    request = story.request.map(RequestDocument.init)
    attempts = story.attempts.map { AttemptDocument($0, subscriber: story.deadLetter.subscriber) }
  }

  struct RequestDocument: Encodable {
    let method = "POST"
    let url: String
    let headers: [Header]
    let body: String

    init(_ request: ShownRequest) {
      url = request.url
      headers = request.headers.map { Header(name: $0.name, value: $0.value) }
      body = String(decoding: request.body, as: UTF8.self)
    }
  }

  struct Header: Encodable {
    let name: String
    let value: String
  }
}

struct DeadLetterActionDocument: Encodable {
  let deadLetters: Int
  let events: Int
  let more: Bool
  let replay: String?
  let replays: [ReplayDocument]?

  init(_ action: DeadLetterAction) {
    deadLetters = action.deadLetters
    events = action.events
    more = action.hasMore
    replay = action.replay?.description
    replays = action.replays.isEmpty ? nil : action.replays.map(ReplayDocument.init)
  }
}
