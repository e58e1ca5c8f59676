import ArgumentParser
import GatewayCore
import OpenSSLSigner

/// `switchyard secret new`: prints a fresh `whsec_…` secret, or a `whsk_…` secret with its `whpk_…` key.
struct NewSecretCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Prints a fresh whsec_… secret, or a whsk_… secret with its whpk_… key.",
    discussion: """
      Put a whsec_… secret into the routes file's secrets, and give the same one to the subscriber.
      With --ed25519 the first line, whsk_…, is for the routes file alone, and the second, whpk_…, for the subscriber,
      who can verify with it and cannot sign.

      EXAMPLES:
        switchyard secret new > secrets/moderation
        switchyard secret new --ed25519
        switchyard secret new --json | jq -r .secret
      """)

  @Flag(help: "Make an Ed25519 pair: a secret that signs, and a public key that verifies.")
  var ed25519 = false

  @Flag(help: "Print {\"secret\":\"…\"}, with --ed25519 {\"secret\":\"…\",\"publicKey\":\"…\"}.")
  var json = false

  func run() throws {
    if ed25519 {
      let pair = WebhookSecret.randomPair()
      try LineWriter.standardOutput.print(output(of: pair.secret, publicKey: pair.publicKey))
    } else {
      try LineWriter.standardOutput.print(output(of: WebhookSecret.random()))
    }
  }

  /// The one place where a secret is shown: it has just been made, for this reader.
  func output(of secret: Secret, publicKey: String? = nil) -> String {
    guard json else { return ([secret.exposed] + (publicKey.map { [$0] } ?? [])).joined(separator: "\n") }
    var text = "{\"secret\":"
    text.appendJSONString(secret.exposed)
    if let publicKey {
      text.append(",\"publicKey\":")
      text.appendJSONString(publicKey)
    }
    return text + "}"
  }
}
