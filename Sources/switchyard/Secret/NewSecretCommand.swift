import ArgumentParser
import GatewayCore
import OpenSSLSigner

/// `switchyard secret new`: prints a fresh `whsec_…` secret.
struct NewSecretCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Prints a fresh whsec_… secret.",
    discussion: "Put it into the routes file's secrets, and give the same one to the subscriber.")

  @Flag(help: "Print {\"secret\":\"whsec_…\"}.")
  var json = false

  func run() throws {
    try LineWriter.standardOutput.print(output(of: WebhookSecret.random()))
  }

  /// The one place where a secret is shown: it has just been made, for this reader.
  func output(of secret: Secret) -> String {
    guard json else { return secret.exposed }
    var text = "{\"secret\":"
    text.appendJSONString(secret.exposed)
    return text + "}"
  }
}
