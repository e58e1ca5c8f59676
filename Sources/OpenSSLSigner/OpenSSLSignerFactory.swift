package import GatewayCore

/// Makes signers from `whsec_…` and `whsk_…` secrets, and says in one sentence what is wrong with one.
package struct OpenSSLSignerFactory: SignerFactory {
  package init() {}

  package func signer(for secrets: [Secret]) throws(SecretError) -> any Signer {
    try WebhookSigner(secrets: secrets)
  }

  package func validate(_ secret: Secret) throws(SecretError) {
    _ = try WebhookSecret(secret).signingKey()
  }
}
