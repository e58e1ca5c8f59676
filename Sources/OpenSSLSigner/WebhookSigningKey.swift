/// The key in one secret, ready to sign from any thread.
protocol WebhookSigningKey: Sendable {
  /// One signature over `prefix` and then `body`, as it stands in `webhook-signature`.
  func signature(prefix: [UInt8], body: [UInt8]) -> String
}
