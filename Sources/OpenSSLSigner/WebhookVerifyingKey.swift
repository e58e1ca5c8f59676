/// The key that a subscriber verifies with, ready for any thread.
protocol WebhookVerifyingKey: Sendable {
  /// Whether this key's counterpart made one of the signatures over `prefix` and then `body`.
  func verifies(anyOf signatures: [Substring], prefix: [UInt8], body: [UInt8]) -> Bool
}
