import GatewayCore

/// The gateway that `docs/admin-api.md` shows.
enum Samples {
  static let problem = RoutesProblem(
    file: "routes.yaml", line: 12, column: 5, message: #"unknown key "evnts"; did you mean "events"?"#)
  static let fileProblem = RoutesProblem(
    severity: .warning, file: "routes.yaml", message: "No subscriber is configured.")

  static let status = GatewayStatus(
    version: "1.0.0", startedAt: Timestamp(milliseconds: 1_795_206_960_123), head: SequenceNumber(rawValue: 1042),
    space: JournalSpace(used: 1_048_576, free: 9_663_676_416, volume: 10_737_418_240),
    routesFingerprint: "9f86d081884c7d65",
    appFingerprints: [AppFingerprint(app: AppID(rawValue: 1_400_000_000), text: "2c26b46b68ffc68f")],
    decisionsFingerprint: "e3b0c44298fc1c14", routesLoadedAt: Timestamp(milliseconds: 1_795_206_960_500),
    routesProblems: [problem], callbacksAccepted: 340, callbacksDuplicate: 2, callbacksRejected: 5,
    eventsAccepted: 1041, subscribers: [moderation, archive])

  static let moderation = SubscriberStatus(
    name: "moderation", url: "https://moderation.example/hooks", owner: "trust-and-safety",
    fingerprint: "fcde2b2edba56bf4",
    events: ["blocklist.*", "Sns.CallbackFriendAdd"], state: .closed, reason: nil, backlogEvents: 3,
    oldestUndelivered: Timestamp(milliseconds: 1_795_207_000_000), retriesWaiting: 1, deadLetters: 2, inFlight: 1,
    cursor: SequenceNumber(rawValue: 1039), delivered: 900, dead: 2, expired: 0,
    attempts: [.success: 900, .http5xx: 7, .timeout: 1])

  static let archive = SubscriberStatus(
    name: "archive", url: nil, owner: nil, events: [], state: .misconfigured,
    reason: "The variable ARCHIVE_SECRET is not set.", backlogEvents: 1041, oldestUndelivered: nil, retriesWaiting: 0,
    deadLetters: 0, inFlight: 0, cursor: .first, delivered: 0, dead: 0, expired: 0, attempts: [:])

  static let change = RoutesChange(
    fingerprint: "60303ae22b998861", added: ["archive"], removed: [], changed: ["moderation"],
    changedApps: [AppID(rawValue: 1_400_000_000)],
    warnings: [fileProblem])
}
