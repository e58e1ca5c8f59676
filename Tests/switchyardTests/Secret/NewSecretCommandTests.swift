import ArgumentParser
import GatewayCore
import OpenSSLSigner
import Testing

@testable import switchyard

@Suite("secret new")
struct NewSecretCommandTests {
  @Test("prints the secret, or a JSON object with it")
  func output() throws {
    let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    #expect(try NewSecretCommand.parse([]).output(of: secret) == secret.exposed)
    #expect(
      try NewSecretCommand.parse(["--json"]).output(of: secret)
        == #"{"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}"#)
  }

  @Test("prints a pair on two lines, or as a JSON object with both")
  func pair() throws {
    let secret = Secret("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=")
    let publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
    #expect(
      try NewSecretCommand.parse(["--ed25519"]).output(of: secret, publicKey: publicKey)
        == "\(secret.exposed)\n\(publicKey)")
    #expect(
      try NewSecretCommand.parse(["--ed25519", "--json"]).output(of: secret, publicKey: publicKey)
        == #"{"secret":"\#(secret.exposed)","publicKey":"\#(publicKey)"}"#)
  }

  @Test("makes secrets that receive accepts, a new one each time")
  func fresh() throws {
    let secrets = (0..<2).map { _ in WebhookSecret.random() }
    #expect(secrets[0] != secrets[1])
    let text = secrets.map(\.exposed).joined(separator: " ")
    #expect(try ReceiveSecrets.gather(flags: [text], environment: [:], files: []) == secrets)
  }
}
