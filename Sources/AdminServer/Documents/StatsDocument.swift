import GatewayCore

/// The body of `/v1/stats`. Callbacks and events are counted since the process started.
struct StatsDocument: Encodable {
  let version: String
  let startedAt: String
  let callbacks: Callbacks
  let events: Events
  let journal: Journal
  let routes: Routes
  let recent: RecentActivityDocument?
  let subscribers: [SubscriberDocument]

  init(_ status: GatewayStatus, _ activity: ActivityRecorder) {
    version = status.version
    startedAt = status.startedAt.description
    callbacks = Callbacks(
      accepted: status.callbacksAccepted, duplicate: status.callbacksDuplicate, rejected: status.callbacksRejected)
    events = Events(accepted: status.eventsAccepted)
    journal = Journal(
      head: status.head.rawValue, sizeBytes: status.space.used, freeBytes: status.space.free,
      volumeBytes: status.space.volume)
    routes = Routes(
      fingerprint: status.routesFingerprint,
      apps: status.appFingerprints.map { App(sdkAppId: $0.app.rawValue, fingerprint: $0.text) },
      decisionsFingerprint: status.decisionsFingerprint, loadedAt: status.routesLoadedAt.description,
      problems: status.routesProblems)
    recent = activity.recent.map(RecentActivityDocument.init)
    subscribers = status.subscribers.map { SubscriberDocument($0, activity.recent(of: $0.name)) }
  }

  struct Callbacks: Encodable {
    let accepted: Int
    let duplicate: Int
    let rejected: Int
  }

  struct Events: Encodable {
    let accepted: Int
  }

  struct Journal: Encodable {
    /// The sequence number of the next event.
    let head: Int64
    let sizeBytes: Int
    let freeBytes: Int
    let volumeBytes: Int
  }

  struct App: Encodable {
    let sdkAppId: Int64
    let fingerprint: String
  }

  struct Routes: Encodable {
    let fingerprint: String
    let apps: [App]
    let decisionsFingerprint: String
    let loadedAt: String
    /// Why the file was not taken when it was last read; empty if it was.
    let problems: [RoutesProblem]
  }
}
