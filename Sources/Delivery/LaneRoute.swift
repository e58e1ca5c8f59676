import GatewayCore

/// What the routes in force say of one lane: the subscriber, and how its requests are made; and, of a replay's lane, what
/// is replayed.
struct LaneRoute: Sendable {
  let subscriber: Subscriber
  /// What callbacks are signed with that are sent on as they came. An app without tokens is not in it.
  let tokens: [AppID: Secret]
  let request: DeliveryRequest
  /// What is left of the subscriber's limit for this lane.
  let rateLimit: RateLimit?
  /// Nil for the subscriber's own lane.
  let replay: Replay?
  /// Of the subscriber's settings; made once, since it is asked for often.
  let fingerprint: String

  /// - Parameter rateLimit: The subscriber's, or what of it is not given to its replays.
  /// - Throws: `SecretError` when a secret is not one; the routes file is checked for that, so it is not expected here.
  init(
    subscriber: Subscriber, tokens: [AppID: Secret], rateLimit: RateLimit?, replay: Replay? = nil,
    context: DeliveryContext
  ) throws(SecretError) {
    self.subscriber = subscriber
    self.tokens = tokens
    self.rateLimit = rateLimit
    self.replay = replay
    fingerprint = subscriber.fingerprint(context.digest)
    let signer = subscriber.secrets.isEmpty ? nil : try context.signers.signer(for: subscriber.secrets)
    request = DeliveryRequest(subscriber: subscriber, signer: signer, context: context)
  }

  func wants(_ kind: EventKind) -> Bool { subscriber.wants(kind) && replay?.includes(kind) ?? true }

  /// - Parameter isHeld: Whether a replay waits although nothing holds the subscriber in the routes file.
  func settings(isHeld: Bool = false) -> LaneSettings {
    var settings = LaneSettings(of: subscriber)
    settings.rateLimit = rateLimit
    if replay != nil {
      settings.concurrency = max(1, settings.concurrency / Self.replayShare)
      settings.isHeld = settings.isHeld || isHeld
    }
    return settings
  }

  /// A replay has this part of the subscriber's concurrency.
  private static let replayShare = 4
}
