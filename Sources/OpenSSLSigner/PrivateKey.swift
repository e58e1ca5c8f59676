/// The key in one `whsk_…` secret. Threads sign with it side by side.
final class PrivateKey: WebhookSigningKey {
  private let key: Ed25519Key

  init(seed: [UInt8]) {
    key = Ed25519Key(seed: seed)
  }

  var publicBytes: [UInt8] { key.publicBytes }

  func signature(prefix: [UInt8], body: [UInt8]) -> String {
    SignatureScheme.asymmetric.text(key.signature(of: prefix + body))
  }
}
