import GatewayCore

/// One subscriber in `/v1/stats` and `/v1/subscribers`. What does not apply is absent.
struct SubscriberDocument: Encodable {
  let name: String
  let url: String?
  let owner: String?
  let fingerprint: String?
  let events: [String]
  let state: SubscriberState
  let reason: String?
  let backlogEvents: Int
  let oldestUndelivered: String?
  let retriesWaiting: Int
  let deadLetters: Int
  let inFlight: Int
  let cursor: Int64
  /// These four are counted since the process started.
  let delivered: Int
  let dead: Int
  let expired: Int
  let attempts: [String: Int]
  /// Where several gateways share the journal.
  let workedBy: String?
  let recent: SubscriberActivityDocument?

  init(_ status: SubscriberStatus, _ activity: SubscriberActivity?) {
    name = status.name
    url = status.url
    owner = status.owner
    fingerprint = status.fingerprint
    events = status.events
    state = status.state
    reason = status.reason
    backlogEvents = status.backlogEvents
    oldestUndelivered = status.oldestUndelivered?.description
    retriesWaiting = status.retriesWaiting
    deadLetters = status.deadLetters
    inFlight = status.inFlight
    cursor = status.cursor.rawValue
    delivered = status.delivered
    dead = status.dead
    expired = status.expired
    attempts = Dictionary(
      uniqueKeysWithValues: AttemptOutcome.allCases.map { ($0.rawValue, status.attempts[$0, default: 0]) })
    workedBy = status.workedBy
    recent = activity.map(SubscriberActivityDocument.init)
  }
}
