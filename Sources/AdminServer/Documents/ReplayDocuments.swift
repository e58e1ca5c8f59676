import GatewayCore

struct ReplaysDocument: Encodable {
  let replays: [ReplayDocument]
  let cursor: String?
}

struct ReplayDocument: Encodable {
  let id: String
  let subscriber: String
  let state: Replay.State
  let reason: String?
  let from: String
  let to: String
  let events: [String]?
  let rateLimit: String?
  let createdAt: String
  let endedAt: String?
  let totalEvents: Int
  let isExact: Bool
  let doneEvents: Int
  let waitingEvents: Int
  let deadLetters: Int

  init(_ status: ReplayStatus) {
    let replay = status.replay
    id = replay.id.description
    subscriber = replay.subscriber
    state = replay.state
    reason = status.reason
    from = replay.from.description
    to = replay.to.description
    events = replay.events.isEmpty ? nil : replay.events.map(\.text)
    rateLimit = replay.rateLimit?.text
    createdAt = replay.createdAt.description
    endedAt = replay.endedAt?.description
    totalEvents = replay.totalEvents
    isExact = replay.isExact
    doneEvents = status.doneEvents
    waitingEvents = status.waitingEvents
    deadLetters = status.deadLetters
  }
}

/// What a dry run says.
struct ReplayPlanDocument: Encodable {
  let subscriber: String
  let from: String
  let to: String
  let totalEvents: Int
  let isExact: Bool

  init(_ plan: ReplayPlan) {
    subscriber = plan.subscriber
    from = plan.from.description
    to = plan.to.description
    totalEvents = plan.totalEvents
    isExact = plan.isExact
  }
}
