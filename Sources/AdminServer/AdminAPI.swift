import GatewayCore
import HTTPTypes
import Hummingbird

/// The JSON API: which path is what. It is what openapi.yaml says.
struct AdminAPI {
  let control: any GatewayControl
  let delivery: any DeliveryControl
  let values: RequestValues
  let activity: ActivityRecorder
  let changes: ChangeLog
  let limits: AdminLimits

  func add(to router: AdminRouter) {
    router.add("/openapi.yaml", .get, OpenAPIEndpoint().document)
    router.add("/v1/stats", .get, StatusEndpoints(control: control, activity: activity).stats)
    addSubscribers(to: router)
    addEvents(to: router)
    addDeadLetters(to: router)
    addReplays(to: router)
    router.add("/v1/reload", .post, ReloadEndpoint(control: control, values: values, changes: changes).reload)
    let backups = BackupEndpoint(control: control, changes: changes, limits: limits)
    router.add("/v1/backup", .post, Self.bare(backups.backUp))
  }

  private func addSubscribers(to router: AdminRouter) {
    let subscribers = SubscriberEndpoints(
      control: control, delivery: delivery, activity: activity, values: values, changes: changes)
    router.add("/v1/subscribers", .get, subscribers.list)
    router.add("/v1/subscribers/:name", [(.get, Self.bare(subscribers.one)), (.delete, Self.bare(subscribers.forget))])
    router.add("/v1/subscribers/:name/pause", .post, Self.bare(subscribers.pause))
    router.add("/v1/subscribers/:name/resume", .post, Self.bare(subscribers.resume))
  }

  private func addEvents(to router: AdminRouter) {
    let events = EventEndpoints(delivery: delivery, values: values)
    router.add("/v1/events", .get, events.search)
    router.add("/v1/events/:id", .get, Self.bare(events.story))
    let tail = TailEndpoint(delivery: delivery, streams: EventStreams(limits: limits), values: values)
    router.add("/v1/tail", .get, tail.tail)
  }

  private func addDeadLetters(to router: AdminRouter) {
    let letters = DeadLetterEndpoints(delivery: delivery, values: values, changes: changes, limits: limits)
    router.add("/v1/dead-letters", .get, letters.list)
    // Before the ids, none of which reads like these.
    router.add("/v1/dead-letters/replay", .post, Self.bare(letters.replay))
    router.add("/v1/dead-letters/discard", .post, Self.bare(letters.discard))
    router.add("/v1/dead-letters/:id", .get, Self.bare(letters.one))
  }

  private func addReplays(to router: AdminRouter) {
    let replays = ReplayEndpoints(delivery: delivery, values: values, changes: changes, limits: limits)
    router.add("/v1/replays", [(.get, replays.list), (.post, replays.create)])
    router.add("/v1/replays/:id", [(.get, Self.bare(replays.one)), (.delete, Self.bare(replays.cancel))])
    router.add("/v1/replays/:id/pause", .post, Self.bare(replays.pause))
    router.add("/v1/replays/:id/resume", .post, Self.bare(replays.resume))
  }

  /// For what takes no parameters: one that looks like a rehearsal must not be passed over.
  private static func bare(_ handler: @escaping AdminRouter.Handler) -> AdminRouter.Handler {
    { request, context in
      _ = try QueryParameters(request, allowed: [])
      return try await handler(request, context)
    }
  }
}
