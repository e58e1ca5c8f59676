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

  @Test("makes secrets that receive accepts, a new one each time")
  func fresh() throws {
    let secrets = (0..<2).map { _ in WebhookSecret.random() }
    #expect(secrets[0] != secrets[1])
    let text = secrets.map(\.exposed).joined(separator: " ")
    #expect(try ReceiveSecrets.gather(flags: [text], environment: [:], files: []) == secrets)
  }
}
