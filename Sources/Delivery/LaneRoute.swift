import GatewayCore

/// What the routes in force say of one lane: the subscriber, and how its requests are made.
struct LaneRoute: Sendable {
  let subscriber: Subscriber
  /// What callbacks are signed with that are sent on as they came. An app without tokens is not in it.
  let tokens: [AppID: Secret]
  let request: DeliveryRequest

  /// - Throws: `SecretError` when a secret is not one; the routes file is checked for that, so it is not expected here.
  init(subscriber: Subscriber, tokens: [AppID: Secret], context: DeliveryContext) throws(SecretError) {
    self.subscriber = subscriber
    self.tokens = tokens
    let signer = subscriber.secrets.isEmpty ? nil : try context.signers.signer(for: subscriber.secrets)
    request = DeliveryRequest(subscriber: subscriber, signer: signer, context: context)
  }

  func wants(_ kind: EventKind) -> Bool { subscriber.wants(kind) }
}
